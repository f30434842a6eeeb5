import { EINVAL, EOPNOTSUPP } from '@stack/plugin';
import { TCP_CLOSE, type Proto } from '@stack/sock';
import { udpBind, udpConnect, udpDisconnect } from './bind.ts';
import { ipMcDropSocket } from './datagram/membership.ts';
import { datagramPoll, shutdownDatagram } from './datagram/poll.ts';
import { udpGetsockopt, udpSetsockopt } from './options.ts';
import { firstPacket, udpRecvmsg } from './recvmsg.ts';
import { udpSendmsg } from './sendmsg.ts';
import type { UdpSock } from './udp-sock.ts';

/** @kernel include/uapi/linux/sockios.h SIOCINQ */
const SIOCINQ = 0x541b;
const SIOCOUTQ = 0x5411;

/** What the socket calls do with a datagram socket. @kernel net/ipv4/udp.c udp_prot */
export const udpProt: Proto<UdpSock> = {
  name: 'UDP',
  bind: udpBind,
  connect: udpConnect,
  disconnect: udpDisconnect,
  listen: () => -EOPNOTSUPP,
  accept: () => null,
  sendmsg: udpSendmsg,
  recvmsg: udpRecvmsg,
  shutdown: shutdownDatagram,
  poll: udpPoll,
  close: udpClose,
  setsockopt: udpSetsockopt,
  getsockopt: udpGetsockopt,
  ioctl: udpIoctl,
};

/** UDP-Lite differs in name and checksum only. @kernel net/ipv4/udplite.c udplite_prot */
export const udpliteProt: Proto<UdpSock> = { ...udpProt, name: 'UDP-Lite' };

/** @kernel net/ipv4/udp.c udp_poll() */
function udpPoll(sk: UdpSock): number {
  return datagramPoll(sk, firstPacket(sk) !== null);
}

/** @kernel net/ipv4/udp.c udp_ioctl() */
function udpIoctl(sk: UdpSock, request: number): number {
  if (request === SIOCINQ) return firstPacket(sk)?.len ?? 0;
  // The socket itself holds one.
  return request === SIOCOUTQ ? sk.wmemAlloc - 1 : -EINVAL;
}

/** @kernel net/ipv4/udp.c udp_destroy_sock() */
function udpClose(sk: UdpSock): void {
  sk.dead = true;
  ipMcDropSocket(sk);
  sk.state = TCP_CLOSE;
  sk.home.table.remove(sk);
  sk.boundPort = 0;
  sk.purge();
}
