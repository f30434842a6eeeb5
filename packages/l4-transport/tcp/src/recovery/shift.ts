import { skbShift, type SkBuff } from '@stack/skb';
import {
  DELIVERED_US,
  END_SEQ,
  GSO_SIZE,
  PCOUNT,
  SACKED,
  SEQ,
  TCPCB_EVER_RETRANS,
  TCPCB_LOST,
  TCPCB_SACKED_ACKED,
  TCPCB_SACKED_RETRANS,
  tcpSkbMss,
} from '../cb.ts';
import { tcpRtxQueueUnlinkAndFree } from '../flight.ts';
import { TcpExt } from '../mib.ts';
import { tcpSkbCanCollapse, tcpTakeOver } from '../output/collapse.ts';
import { after, before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { tcpRateSkbDelivered } from './rate.ts';
import { tcpSacktagOne } from './sacktag-one.ts';
import type { SacktagState } from './sacktag-state.ts';

const TCPCB_TAGBITS = TCPCB_SACKED_ACKED | TCPCB_SACKED_RETRANS | TCPCB_LOST;
/** Bytes and segments that one buffer may stand for. @kernel include/net/tcp.h TCP_MIN_GSO_SIZE */
const MOST_BYTES = 65_535 * 8;
const MOST_SEGMENTS = 65_535;

/** Bytes of each full segment. @kernel net/ipv4/tcp_input.c tcp_skb_seglen() */
function tcpSkbSeglen(skb: SkBuff): number {
  return skb.cb[PCOUNT] === 1 ? skb.len : tcpSkbMss(skb);
}

function isPlainlySacked(skb: SkBuff): boolean {
  return (skb.cb[SACKED] & TCPCB_TAGBITS) === TCPCB_SACKED_ACKED;
}

/**
 * Moves what a block covers of a buffer to the SACKed buffer in front of it, so that the scoreboard of a large window
 * stays short. Returns the buffer behind which to go on; `skb` itself when the block covers no whole segment of it;
 * null when it has to be marked where it is.
 *
 * @kernel net/ipv4/tcp_input.c tcp_shift_skb_data()
 */
export function tcpShiftSkbData(
  sk: TcpSock,
  state: SacktagState,
  skb: SkBuff,
  start: number,
  end: number,
  dup: boolean,
): SkBuff | null {
  const { cb } = skb;
  const { prev } = skb;
  const spreading = !dup && (cb[SACKED] & (TCPCB_LOST | TCPCB_SACKED_RETRANS)) === TCPCB_SACKED_RETRANS;
  if (spreading || skb.len === 0 || !after(cb[END_SEQ], sk.snd.una)) return fallback(sk);
  if (prev === null || !isPlainlySacked(prev) || !tcpSkbCanCollapse(prev, skb)) return fallback(sk);
  const begins = !after(start, cb[SEQ]);
  const whole = begins && !before(end, cb[END_SEQ]);
  if (!whole && (!after(cb[END_SEQ], start) || cb[PCOUNT] <= 1)) return skb;
  const mss = whole ? tcpSkbSeglen(skb) : tcpSkbMss(skb);
  if (!begins || mss !== tcpSkbSeglen(prev)) return fallback(sk);
  const count = whole ? cb[PCOUNT] : Math.floor(((end - cb[SEQ]) | 0) / mss);
  if (count === 0) return skb;
  const length = whole ? skb.len : count * mss;
  if (!after((cb[SEQ] + length) | 0, sk.snd.una)) return fallback(sk);
  if (!tcpSkbShift(prev, skb, count, length)) return fallback(sk);
  if (tcpShiftedSkb(sk, state, prev, skb, length, count, mss, dup)) joinNext(sk, state, prev, mss);
  return prev;
}

function fallback(sk: TcpSock): null {
  sk.tcp.mib.ext[TcpExt.TCPSackShiftFallback]++;
  return null;
}

/** A hole was filled: what is SACKed behind it joins too. */
function joinNext(sk: TcpSock, state: SacktagState, prev: SkBuff, mss: number): void {
  const { next } = prev;
  if (next === null || next.len === 0 || !isPlainlySacked(next) || mss !== tcpSkbSeglen(next)) return;
  const count = next.cb[PCOUNT];
  const length = next.len;
  if (!tcpSkbCanCollapse(prev, next) || !tcpSkbShift(prev, next, count, length)) return;
  tcpShiftedSkb(sk, state, prev, next, length, count, mss, false);
}

/** @kernel net/ipv4/tcp_input.c tcp_skb_shift() */
export function tcpSkbShift(to: SkBuff, from: SkBuff, count: number, length: number): boolean {
  if (to.len + length >= MOST_BYTES || to.cb[PCOUNT] + count > MOST_SEGMENTS) return false;
  return skbShift(to, from, length);
}

/** The bytes have moved, and the accounts follow. True when nothing of `skb` is left. @kernel net/ipv4/tcp_input.c tcp_shifted_skb() */
function tcpShiftedSkb(
  sk: TcpSock,
  state: SacktagState,
  prev: SkBuff,
  skb: SkBuff,
  length: number,
  count: number,
  mss: number,
  dup: boolean,
): boolean {
  const { loss, tcp } = sk;
  const to = prev.cb;
  const from = skb.cb;
  const end = (from[SEQ] + length) | 0;
  tcpSacktagOne(sk, state, from, end, length, count, dup);
  tcpRateSkbDelivered(sk, skb, tcp.sample);
  if (!before(end, loss.highSackSeq)) loss.highSackSeq = end;
  to[END_SEQ] += length;
  from[SEQ] += length;
  to[PCOUNT] += count;
  from[PCOUNT] -= count;
  if (to[GSO_SIZE] === 0) to[GSO_SIZE] = mss;
  if (from[PCOUNT] <= 1) from[GSO_SIZE] = 0;
  to[SACKED] |= from[SACKED] & TCPCB_EVER_RETRANS;
  if (skb.len > 0) {
    tcp.mib.ext[TcpExt.TCPSackShifted]++;
    return false;
  }
  tcpTakeOver(prev, skb);
  if (!before(to[END_SEQ], loss.highSackSeq)) loss.highSackSeq = to[END_SEQ]; // a FIN
  to[DELIVERED_US] = 0;
  if (loss.retransmitHint === skb) loss.retransmitHint = prev;
  tcpRtxQueueUnlinkAndFree(sk, skb);
  tcp.mib.ext[TcpExt.TCPSackMerged]++;
  return true;
}
