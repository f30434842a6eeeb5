import { EINVAL, EOPNOTSUPP } from '@stack/plugin';
import {
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDHUP,
  inetBind,
  RCV_SHUTDOWN,
  SHUTDOWN_MASK,
  sockWriteable,
  TCP_CLOSE,
  type Proto,
} from '@stack/sock';
import { udpGetPort } from './bind.ts';
import { ip4DatagramConnect, udpDisconnect } from './connect.ts';
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
  bind: (sk, address, port) => inetBind(sk.udp.ip, sk, address, port, udpGetPort),
  connect: ip4DatagramConnect,
  disconnect: udpDisconnect,
  listen: () => -EOPNOTSUPP,
  accept: () => null,
  sendmsg: udpSendmsg,
  recvmsg: udpRecvmsg,
  shutdown(sk, how) {
    sk.shutdown |= how;
    return 0;
  },
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
  let events = 0;
  if (sk.err !== 0) events |= EPOLLERR;
  if ((sk.shutdown & RCV_SHUTDOWN) !== 0) events |= EPOLLRDHUP | EPOLLIN;
  if (sk.shutdown === SHUTDOWN_MASK) events |= EPOLLHUP;
  if (firstPacket(sk) !== null) events |= EPOLLIN;
  if (sockWriteable(sk)) events |= EPOLLOUT;
  return events;
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
  sk.state = TCP_CLOSE;
  sk.udp.table.remove(sk);
  sk.boundPort = 0;
  sk.purge();
}
