import { inetBind, SOCK_BINDPORT_LOCK, type Sock } from '@stack/sock';
import { forgetPeer, ip4DatagramConnect } from './datagram/connect.ts';
import type { UdpSock } from './udp-sock.ts';

/** @kernel net/ipv4/udp.c udp_v4_get_port() */
export function udpGetPort(sk: Sock, port: number): number {
  return (sk as UdpSock).home.table.getPort(sk as UdpSock, port);
}

export function udpBind(sk: UdpSock, address: number, port: number): number {
  return inetBind(sk.home.ip, sk, address, port, udpGetPort);
}

export function udpConnect(sk: UdpSock, address: number, port: number): number {
  return ip4DatagramConnect(sk, address, port, udpGetPort);
}

/** Forgets the peer, and the port that it did not choose itself. @kernel net/ipv4/udp.c __udp_disconnect() */
export function udpDisconnect(sk: UdpSock): number {
  forgetPeer(sk);
  if ((sk.userlocks & SOCK_BINDPORT_LOCK) === 0) {
    sk.home.table.remove(sk);
    sk.boundPort = 0;
  }
  return 0;
}
