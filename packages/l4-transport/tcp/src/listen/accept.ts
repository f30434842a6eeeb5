import type { TcpSock } from '../sock.ts';

/** The connection that waits longest, or null. @kernel net/ipv4/inet_connection_sock.c inet_csk_accept() */
export function inetCskAccept(sk: TcpSock): TcpSock | null {
  const child = sk.requests?.shift() ?? null;
  if (child !== null && child.fastOpen !== null) child.fastOpen.accepted = true;
  return child;
}
