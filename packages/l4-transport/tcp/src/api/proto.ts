import type { IpOutput } from '@stack/ipv4';
import { EINVAL, ENOPROTOOPT, EOPNOTSUPP } from '@stack/plugin';
import { inetBind, inetCskGetPort, intOf, lockSock, releaseSock, TCP_CLOSE, type Proto, type Sock } from '@stack/sock';
import { tcpClose, tcpShutdown } from '../close/close.ts';
import { tcpDisconnect } from '../close/disconnect.ts';
import { tcpV4Connect } from '../connect/connect.ts';
import { inetCskAccept } from '../listen/accept.ts';
import { inetCskListenStart } from '../listen/listen-start.ts';
import type { TcpSock } from '../sock.ts';
import { tcpGetsockopt } from './getsockopt.ts';
import { tcpIoctl, tcpPoll } from './poll.ts';
import { tcpSetRcvlowat } from './rcvlowat.ts';
import { tcpRecvmsg } from './recvmsg.ts';
import { tcpSendmsg } from './sendmsg.ts';
import { tcpSetsockopt } from './setsockopt.ts';
import { maxPacingRateBytes, setMaxPacingRate, SO_MAX_PACING_RATE } from '../pacing/max-rate.ts';
import { tcpSetKeepalive } from '../timers/keepalive.ts';

const IPPROTO_IP = 0;
const IPPROTO_TCP = 6;
const SOL_SOCKET = 1;
const SO_KEEPALIVE = 9;
const SO_RCVLOWAT = 18;

/** What the socket calls do on a TCP socket. @kernel net/ipv4/tcp_ipv4.c tcp_prot */
export function tcpProt(ip: IpOutput): Proto<TcpSock> {
  return {
    name: 'TCP',
    bind: (sk, address, port) => bind(ip, sk, address, port),
    connect: tcpV4Connect,
    disconnect: tcpDisconnect,
    listen: inetCskListenStart,
    accept: inetCskAccept,
    sendmsg: tcpSendmsg,
    recvmsg: tcpRecvmsg,
    shutdown: tcpShutdown,
    poll: tcpPoll,
    close: tcpClose,
    setsockopt,
    getsockopt,
    ioctl: tcpIoctl,
  };
}

/** One whose connection ended and gave back its port may have another. @kernel net/ipv4/inet_hashtables.c inet_put_port() */
function bind(ip: IpOutput, sk: TcpSock, address: number, port: number): number {
  if (sk.state === TCP_CLOSE && sk.bindBucket === null) sk.boundPort = 0;
  return inetBind(ip, sk, address, port, getPort);
}

function getPort(sk: Sock, port: number): number {
  const result = inetCskGetPort((sk as TcpSock).tcp.hashinfo, sk, port);
  if (result === 0 && sk.bindBucket !== null) sk.boundPort = sk.bindBucket.port;
  return result;
}

function getsockopt(sk: TcpSock, level: number, name: number): number | Uint8Array {
  if (level === SOL_SOCKET && name === SO_MAX_PACING_RATE) return maxPacingRateBytes(sk);
  if (level === IPPROTO_TCP) return tcpGetsockopt(sk, name);
  return level === IPPROTO_IP || level === SOL_SOCKET ? -ENOPROTOOPT : -EOPNOTSUPP;
}

/** Options may send (TCP_NODELAY does), so they hold the socket and softirqs off. */
function setsockopt(sk: TcpSock, level: number, name: number, value: number | Uint8Array): number {
  if (level === SOL_SOCKET && name === SO_KEEPALIVE) return tcpSetKeepalive(sk, value !== 0);
  if (level === SOL_SOCKET && name === SO_MAX_PACING_RATE) return setMaxPacingRate(sk, value);
  if (level === SOL_SOCKET && name === SO_RCVLOWAT) return tcpSetRcvlowat(sk, intOf(value));
  if (level !== IPPROTO_TCP) return -ENOPROTOOPT;
  if (typeof value === 'number' && !Number.isInteger(value)) return -EINVAL;
  const { boot } = sk.tcp.cpus;
  boot.localBhDisable();
  lockSock(sk);
  sk.tcp.refresh();
  const result = tcpSetsockopt(sk, name, value);
  releaseSock(sk);
  boot.localBhEnable();
  return result;
}
