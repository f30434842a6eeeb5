import type { Sock } from '@stack/sock';
import type { UdpSock } from './udp-sock.ts';

/** The port of a datagram socket. @kernel net/ipv4/udp.c udp_v4_get_port() */
export function udpGetPort(sk: Sock, port: number): number {
  const udp = sk as UdpSock;
  return udp.udp.table.getPort(udp, port);
}
