import { SIZEOF_SHARED_INFO, SIZEOF_SK_BUFF } from '@stack/skb';
import { SOCK_SNDBUF_LOCK } from '@stack/sock';
import { MAX_TCP_HEADER, TCP_INIT_CWND } from './constants.ts';
import { tcpPacketsInFlight } from './flight.ts';
import { CHRONO_SNDBUF_LIMITED, tcpChronoStop } from './stats/chrono.ts';
import type { TcpSock } from './sock.ts';

/** Twice what is in flight, so that a whole window waits while another is on its way. @kernel net/ipv4/tcp_input.c tcp_sndbuf_expand() */
export function tcpSndbufExpand(sk: TcpSock): void {
  const { cc } = sk;
  const segment = Math.max(sk.opt.mssClamp, sk.snd.mss) + MAX_TCP_HEADER + SIZEOF_SHARED_INFO;
  const perSegment = 2 ** Math.ceil(Math.log2(segment)) + SIZEOF_SK_BUFF;
  const segments = Math.max(TCP_INIT_CWND, cc.cwnd, cc.reordering + 1);
  const windows = cc.ops.sndbufExpand === undefined ? 2 : cc.ops.sndbufExpand(sk);
  const wanted = windows * segments * perSegment;
  if (sk.sndbuf < wanted) sk.sndbuf = Math.min(wanted, sk.tcp.sysctl.tcp_wmem[2]);
}

/** @kernel net/ipv4/tcp_input.c tcp_should_expand_sndbuf() */
function tcpShouldExpandSndbuf(sk: TcpSock): boolean {
  if ((sk.userlocks & SOCK_SNDBUF_LOCK) !== 0 || sk.memory.underPressure) return false;
  return tcpPacketsInFlight(sk) < sk.cc.cwnd;
}

/** A writer waits, and segments left the queue: grow the buffer if it was the limit, and tell. @kernel net/ipv4/tcp_input.c tcp_check_space() */
export function tcpCheckSpace(sk: TcpSock): void {
  if (!sk.noSpace) return;
  if (tcpShouldExpandSndbuf(sk)) {
    tcpSndbufExpand(sk);
    sk.cc.cwndStamp = sk.tcp.jiffies;
  }
  sk.writeSpace();
  if (!sk.noSpace) tcpChronoStop(sk, CHRONO_SNDBUF_LIMITED);
}
