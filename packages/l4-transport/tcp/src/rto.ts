import { ICSK_TIME_NONE, ICSK_TIME_PROBE0, ICSK_TIME_RETRANS, TCP_TIMEOUT_MIN } from './constants.ts';
import { TX_US } from './cb.ts';
import { tcpPacingDelay } from './pacing/pace.ts';
import type { TcpSock } from './sock.ts';
import { resetXmitTimer } from './timers/arm.ts';

/** Time-out from smoothed round trip and deviation, in jiffies. @kernel include/net/tcp.h __tcp_set_rto() @rfc 6298 2.3 */
export function tcpSetRto(sk: TcpSock): void {
  const us = (sk.rtt.srtt >>> 3) + sk.rtt.rttvar;
  sk.rtt.rto = Math.min(Math.ceil(us / 1000), tcpRtoMax(sk));
}

/** The route's word goes first, then the socket's, then the host's. @kernel net/ipv4/tcp_output.c tcp_rto_min() */
export function tcpRtoMin(sk: TcpSock): number {
  return sk.dstCache?.metrics.rtoMin ?? (sk.settings.rtoMin || sk.tcp.sysctl.tcp_rto_min);
}

export function tcpRtoMax(sk: TcpSock): number {
  return sk.settings.rtoMax || sk.tcp.sysctl.tcp_rto_max;
}

/** Longest wait with an ACK: the peer must not time out. @kernel net/ipv4/tcp_output.c tcp_delack_max() */
export function tcpDelackMax(sk: TcpSock): number {
  return Math.min(sk.settings.delackMax, Math.max(tcpRtoMin(sk), TCP_TIMEOUT_MIN) - 1);
}

/** Arms the timer for one of its purposes, `when` jiffies from now. @kernel include/net/tcp.h tcp_reset_xmit_timer() */
export function tcpResetXmitTimer(sk: TcpSock, what: number, when: number): void {
  resetXmitTimer(sk, what, when + tcpPacingDelay(sk), tcpRtoMax(sk));
}

/** Microseconds until the oldest segment in flight has waited for a whole time-out. @kernel include/net/tcp.h tcp_rto_delta_us() */
export function tcpRtoDeltaUs(sk: TcpSock): number {
  const head = sk.rtxQueue.first;
  if (head === null) return sk.rtt.rto * 1000;
  return sk.rtt.rto * 1000 - ((sk.tcp.us - head.cb[TX_US]) | 0);
}

/** Shortest wait before a zero-window probe. @kernel include/net/tcp.h tcp_probe0_base() */
export function tcpProbe0Base(sk: TcpSock): number {
  return Math.max(sk.rtt.rto, tcpRtoMin(sk));
}

/** With back-off. @kernel include/net/tcp.h tcp_probe0_when() */
export function tcpProbe0When(sk: TcpSock, max: number): number {
  const backoff = Math.min(sk.rtt.backoff, 31);
  return Math.min(tcpProbe0Base(sk) * 2 ** backoff, max);
}

/** Data waits for a window, and nothing in flight will bring the news: probe. @kernel include/net/tcp.h tcp_check_probe_timer() */
export function tcpCheckProbeTimer(sk: TcpSock): void {
  if (sk.snd.packetsOut === 0 && sk.pendingTimer === ICSK_TIME_NONE)
    tcpResetXmitTimer(sk, ICSK_TIME_PROBE0, tcpProbe0Base(sk));
}

/** @kernel net/ipv4/tcp_input.c tcp_rearm_rto() */
export function armRetransmit(sk: TcpSock, when: number): void {
  tcpResetXmitTimer(sk, ICSK_TIME_RETRANS, when);
}
