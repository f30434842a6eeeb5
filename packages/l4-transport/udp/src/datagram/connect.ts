import { INADDR_LOOPBACK, RTN_BROADCAST } from '@stack/ipv4';
import { EACCES } from '@stack/plugin';
import { inetAutobind, SOCK_BINDADDR_LOCK, TCP_CLOSE, TCP_ESTABLISHED, type GetPort } from '@stack/sock';
import type { DatagramSock } from './datagram-sock.ts';

/**
 * Names the peer: datagrams without an address go there, and only its datagrams come in. May be done again.
 *
 * @kernel net/ipv4/datagram.c ip4_datagram_connect()
 */
export function ip4DatagramConnect(sk: DatagramSock, address: number, port: number, getPort: GetPort): number {
  const unbound = inetAutobind(sk, getPort);
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
  sk.inetId = sk.home.net.random.int32() & 0xffff;
  return 0;
}

function routeToPeer(sk: DatagramSock): number {
  const result = sk.home.ip.routeConnect(sk);
  if (result !== 0) return result;
  return sk.dstCache?.type === RTN_BROADCAST && !sk.settings.broadcast ? -EACCES : 0;
}

/** Forgets the peer, and the address that it did not choose itself. */
export function forgetPeer(sk: DatagramSock): void {
  sk.state = TCP_CLOSE;
  sk.daddr = 0;
  sk.dport = 0;
  sk.dstCache = null;
  if ((sk.userlocks & SOCK_BINDADDR_LOCK) !== 0) return;
  sk.rcvSaddr = 0;
  sk.saddr = 0;
}
