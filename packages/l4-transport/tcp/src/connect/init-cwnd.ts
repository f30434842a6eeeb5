import { TCP_INIT_CWND } from '../constants.ts';
import type { TcpSock } from '../sock.ts';

/** Segments to begin with, unless the route says otherwise. @kernel net/ipv4/tcp_input.c tcp_init_cwnd() */
export function tcpInitCwnd(sk: TcpSock): number {
  return sk.dstCache?.metrics.initcwnd || TCP_INIT_CWND;
}
