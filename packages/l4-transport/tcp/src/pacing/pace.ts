import { TX_MS, TX_US } from '../cb.ts';
import type { TcpSock } from '../sock.ts';
import type { PacingState } from './pacing-state.ts';

/** A new connection's first packets are not held back. */
const UNPACED = 10;
const SECOND_NS = 1e9;

/** Bytes a second that the connection may send; without bound until measured. @kernel include/net/sock.h sk_pacing_rate */
export function pacingRate(sk: TcpSock): number {
  const { maxPacingRate } = sk.settings;
  return sk.cc.pacingRate === 0 ? maxPacingRate : Math.min(sk.cc.pacingRate, maxPacingRate);
}

/** Whether the next packet must wait; then a timer goes on. @kernel net/ipv4/tcp_output.c tcp_pacing_check() */
export function tcpPacingCheck(sk: TcpSock, pacing: PacingState): boolean {
  if (pacing.byQdisc || pacing.departure <= sk.tcp.ns) return false;
  pacing.arm(sk);
  return true;
}

/**
 * Notes in a buffer when it leaves: now, or when its turn comes at the queueing discipline. Returns when the one before
 * it was due, in nanoseconds.
 */
export function stampDeparture(sk: TcpSock, cb: Int32Array): number {
  const { tcp, pacing } = sk;
  const before = pacing === null ? 0 : pacing.departure;
  if (pacing !== null && before > tcp.ns) {
    cb[TX_US] = before / 1e3;
    cb[TX_MS] = before / 1e6;
    return before;
  }
  cb[TX_US] = tcp.us;
  cb[TX_MS] = tcp.ms;
  if (pacing !== null) pacing.departure = tcp.ns;
  return before;
}

/** Data went out: the next may follow when these have had their time. @kernel net/ipv4/tcp_output.c tcp_update_skb_after_send() */
export function tcpPaceAfterSend(sk: TcpSock, pacing: PacingState, bytes: number, before: number): void {
  const rate = pacingRate(sk);
  if (rate === Number.MAX_SAFE_INTEGER || rate === 0 || sk.rate.dataSegsOut < UNPACED) return;
  const time = Math.floor((bytes * SECOND_NS) / rate);
  // A timer that was late is made up for, by half at most.
  const late = pacing.departure - before;
  pacing.departure += time - Math.min(Math.floor(time / 2), late);
}

/** Jiffies until the packet just sent leaves the host: for so long its ACK cannot come. @kernel include/net/tcp.h tcp_pacing_delay() */
export function tcpPacingDelay(sk: TcpSock): number {
  if (sk.pacing === null) return 0;
  return Math.max(0, Math.ceil((sk.pacing.departure - sk.tcp.ns) / 1e6));
}
