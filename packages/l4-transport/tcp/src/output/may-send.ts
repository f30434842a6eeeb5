import { tcp as th, type SkBuff } from '@stack/skb';
import { END_SEQ, FLAGS, SEQ, TX_BITS, TX_US, TXF_EOR } from '../cb.ts';
import { TCP_CA_Recovery, TCP_NAGLE_CORK, TCP_NAGLE_PUSH, TSQ_THROTTLED } from '../constants.ts';
import { tcpPacketsInFlight } from '../flight.ts';
import { pacingRate } from '../pacing/pace.ts';
import { after } from '../seq.ts';
import { tcpUrgMode } from '../urgent/state.ts';
import type { TcpSock } from '../sock.ts';
import { tcpWndEnd } from '../win.ts';

/** Segments the congestion window lets go; at most half of it at once. @kernel net/ipv4/tcp_output.c tcp_cwnd_test() */
export function tcpCwndTest(sk: TcpSock): number {
  const { cwnd } = sk.cc;
  const inFlight = tcpPacketsInFlight(sk);
  if (inFlight >= cwnd) return 0;
  return Math.min(Math.max(cwnd >> 1, 1), cwnd - inFlight);
}

/** Whether the peer's window has room for a first segment. @kernel net/ipv4/tcp_output.c tcp_snd_wnd_test() */
export function tcpSndWndTest(sk: TcpSock, skb: SkBuff, mss: number): boolean {
  const end = skb.len > mss ? skb.cb[SEQ] + mss : skb.cb[END_SEQ];
  return !after(end, tcpWndEnd(sk));
}

/** @kernel net/ipv4/tcp_output.c tcp_minshall_check() */
function tcpMinshallCheck(sk: TcpSock): boolean {
  const { snd } = sk;
  return after(snd.sml, snd.una) && !after(snd.sml, snd.nxt);
}

/** Remembers where a small segment ends. @kernel net/ipv4/tcp_output.c tcp_minshall_update() */
export function tcpMinshallUpdate(sk: TcpSock, mss: number, skb: SkBuff): void {
  if (skb.len < Math.ceil(skb.len / mss) * mss) sk.snd.sml = skb.cb[END_SEQ];
}

/** Whether a segment that is not full must wait. @kernel net/ipv4/tcp_output.c tcp_nagle_check() @rfc 1122 4.2.3.4 */
export function tcpNagleCheck(sk: TcpSock, partial: boolean, nonagle: number): boolean {
  return (
    partial && ((nonagle & TCP_NAGLE_CORK) !== 0 || (nonagle === 0 && sk.snd.packetsOut !== 0 && tcpMinshallCheck(sk)))
  );
}

/** Whether Nagle's rule lets the buffer go. @kernel net/ipv4/tcp_output.c tcp_nagle_test() */
export function tcpNagleTest(sk: TcpSock, skb: SkBuff, mss: number, nonagle: number): boolean {
  if ((nonagle & TCP_NAGLE_PUSH) !== 0) return true;
  if (tcpUrgMode(sk) || (skb.cb[FLAGS] & th.FIN) !== 0) return true;
  return !tcpNagleCheck(sk, skb.len < mss, nonagle);
}

/** Bytes of a buffer that may go now. @kernel net/ipv4/tcp_output.c tcp_mss_split_point() */
export function tcpMssSplitPoint(sk: TcpSock, skb: SkBuff, mss: number, maxSegs: number, nonagle: number): number {
  const window = (tcpWndEnd(sk) - skb.cb[SEQ]) | 0;
  const max = mss * maxSegs;
  if (max <= window && skb !== sk.writeQueue.last) return max;
  const needed = Math.min(skb.len, window);
  if (max <= needed) return max;
  const partial = needed % mss;
  return tcpNagleCheck(sk, partial !== 0, nonagle) ? needed - partial : needed;
}

/** What {@link tcpTsoShouldDefer} waits for. */
export const DEFER_NO = 0;
export const DEFER = 1;
export const DEFER_CWND = 2;
export const DEFER_RWND = 3;

/**
 * Whether to wait for the next ACK, which will let a larger packet go: DEFER_*.
 *
 * @kernel net/ipv4/tcp_output.c tcp_tso_should_defer()
 */
export function tcpTsoShouldDefer(sk: TcpSock, skb: SkBuff, maxSegs: number): number {
  const { cc, snd, tcp } = sk;
  if (cc.state >= TCP_CA_Recovery) return DEFER_NO;
  if (((tcp.us - snd.lastTxUs) | 0) > 1000) return DEFER_NO;
  const sendWin = (tcpWndEnd(sk) - skb.cb[SEQ]) | 0;
  const congWin = (cc.cwnd - tcpPacketsInFlight(sk)) * snd.mss;
  const limit = Math.min(sendWin, congWin);
  if (limit >= maxSegs * snd.mss) return DEFER_NO;
  if (skb !== sk.writeQueue.last && limit >= skb.len) return DEFER_NO;
  if (limit >= deferChunk(sk)) return DEFER_NO;
  const head = sk.rtxQueue.first;
  if (head === null) return DEFER_NO;
  // Wait only when the ACK is near: within half a round trip and a millisecond.
  const srttUs = sk.rtt.srtt >>> 3;
  const howFar = (head.cb[TX_US] + srttUs - tcp.us) | 0;
  if (howFar > Math.min(srttUs >>> 1, 1000)) return DEFER_NO;
  if (congWin < sendWin && congWin <= skb.len) return DEFER_CWND;
  if (congWin >= sendWin && sendWin <= skb.len) return DEFER_RWND;
  // Nothing will be added to it: do not wait.
  if ((skb.cb[FLAGS] & th.FIN) !== 0 || (skb.cb[TX_BITS] & TXF_EOR) !== 0) return DEFER_NO;
  return DEFER;
}

function deferChunk(sk: TcpSock): number {
  const divisor = sk.tcp.sysctl.tcp_tso_win_divisor;
  const window = Math.min(sk.snd.wnd, sk.cc.cwnd * sk.snd.mss);
  return divisor > 0 ? Math.floor(window / divisor) : 3 * sk.snd.mss + 1;
}

/**
 * Whether the host holds enough of this socket's segments already. Then the socket goes on when one has left.
 *
 * @kernel net/ipv4/tcp_output.c tcp_small_queue_check()
 */
export function tcpSmallQueueCheck(sk: TcpSock, skb: SkBuff, factor: number): boolean {
  let limit = Math.max(2 * skb.truesize, Math.floor(pacingRate(sk) / 1024));
  if (sk.pacing === null) limit = Math.min(limit, sk.tcp.sysctl.tcp_limit_output_bytes);
  if (sk.wmemAlloc <= limit * 2 ** factor) return false;
  if (sk.rtxQueue.empty) return false; // nothing would ever restart it
  sk.deferred |= TSQ_THROTTLED;
  return true;
}
