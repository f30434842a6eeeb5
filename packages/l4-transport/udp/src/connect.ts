import { INADDR_LOOPBACK, RTN_BROADCAST } from '@stack/ipv4';
import { EACCES } from '@stack/plugin';
import { inetAutobind, SOCK_BINDADDR_LOCK, SOCK_BINDPORT_LOCK, TCP_CLOSE, TCP_ESTABLISHED } from '@stack/sock';
import { udpGetPort } from './bind.ts';
import type { UdpSock } from './udp-sock.ts';

/**
 * Names the peer: datagrams without an address go there, and only its datagrams come in. May be done again.
 *
 * @kernel net/ipv4/datagram.c ip4_datagram_connect()
 */
export function ip4DatagramConnect(sk: UdpSock, address: number, port: number): number {
  const unbound = inetAutobind(sk, udpGetPort);
  if (unbound !== 0) return unbound;
  const { daddr, dport, dstCache } = sk;
  sk.daddr = address || INADDR_LOOPBACK;
  sk.dport = port;
  sk.dstCache = null;
  const result = routeToPeer(sk);
  if (result !== 0) {
    sk.daddr = daddr;
    sk.dport = dport;
    sk.dstCache = dstCache;
    return result;
  }
  if (sk.rcvSaddr === 0) sk.rcvSaddr = sk.saddr;
  sk.state = TCP_ESTABLISHED;
  sk.inetId = sk.udp.table.net.random.int32() & 0xffff;
  return 0;
}

function routeToPeer(sk: UdpSock): number {
  const result = sk.udp.ip.routeConnect(sk);
  if (result !== 0) return result;
  return sk.dstCache?.type === RTN_BROADCAST && !sk.broadcast ? -EACCES : 0;
}

/** Forgets the peer, and the address and port that it did not choose itself. @kernel net/ipv4/udp.c __udp_disconnect() */
export function udpDisconnect(sk: UdpSock): number {
  sk.state = TCP_CLOSE;
  sk.daddr = 0;
  sk.dport = 0;
  sk.dstCache = null;
  if ((sk.userlocks & SOCK_BINDADDR_LOCK) === 0) {
    sk.rcvSaddr = 0;
    sk.saddr = 0;
  }
  if ((sk.userlocks & SOCK_BINDPORT_LOCK) === 0) {
    sk.udp.table.remove(sk);
    sk.boundPort = 0;
    sk.sport = 0;
  }
  return 0;
}
