import { EAGAIN, EINVAL, ENOPROTOOPT, EOPNOTSUPP } from '@stack/plugin';
import { inetBind, MSG_ERRQUEUE, SOCK_BINDPORT_LOCK, TCP_CLOSE, type MsgHdr, type Proto } from '@stack/sock';
import { forgetPeer, ip4DatagramConnect } from '../datagram/connect.ts';
import { ipMcDropSocket } from '../datagram/membership.ts';
import { getMulticastOption, setMulticastOption } from '../datagram/options.ts';
import { datagramPoll, shutdownDatagram } from '../datagram/poll.ts';
import { takeDatagram } from '../datagram/take.ts';
import { pingGetPort, pingUnhash } from './ping-port.ts';
import { pingV4Sendmsg } from './ping-sendmsg.ts';
import type { PingSock } from './ping-sock.ts';

const SOL_IP = 0;

/** What the socket calls do with a ping socket. @kernel net/ipv4/ping.c ping_prot */
export const pingProt: Proto<PingSock> = {
  name: 'PING',
  bind: (sk, address, port) => inetBind(sk.home.ip, sk, address, port, pingGetPort),
  connect: (sk, address, port) => ip4DatagramConnect(sk, address, port, pingGetPort),
  disconnect(sk) {
    forgetPeer(sk);
    if ((sk.userlocks & SOCK_BINDPORT_LOCK) === 0) pingUnhash(sk);
    return 0;
  },
  listen: () => -EOPNOTSUPP,
  accept: () => null,
  sendmsg: pingV4Sendmsg,
  recvmsg: pingRecvmsg,
  shutdown: shutdownDatagram,
  poll: (sk) => datagramPoll(sk, sk.hasReceived),
  close: pingClose,
  setsockopt: (sk, level, name, value) => (level === SOL_IP ? setMulticastOption(sk, name, value) : -ENOPROTOOPT),
  getsockopt: (sk, level, name) => (level === SOL_IP ? getMulticastOption(sk, name) : -ENOPROTOOPT),
  ioctl: () => -EINVAL,
};

/** Gives a reply as ICMP header and data. @kernel net/ipv4/ping.c ping_recvmsg() */
function pingRecvmsg(
  sk: PingSock,
  into: Uint8Array,
  offset: number,
  length: number,
  flags: number,
  msg: MsgHdr | null,
): number {
  if ((flags & MSG_ERRQUEUE) !== 0) return -EAGAIN;
  const error = sk.takeError();
  if (error !== 0) return error;
  const skb = sk.receiveQueue.first;
  if (skb === null) return -EAGAIN;
  if (msg !== null) msg.port = 0;
  return takeDatagram(sk, skb, into, offset, length, flags, msg);
}

/** @kernel net/ipv4/ping.c ping_close() */
function pingClose(sk: PingSock): void {
  sk.dead = true;
  sk.state = TCP_CLOSE;
  ipMcDropSocket(sk);
  pingUnhash(sk);
  sk.home.sockets.delete(sk);
  sk.purge();
}
