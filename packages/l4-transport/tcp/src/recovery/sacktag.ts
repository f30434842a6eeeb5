import type { SkBuff } from '@stack/skb';
import { ACK_SEQ, DELIVERED_US, END_SEQ, PCOUNT, SACKED, SEQ, TCPCB_SACKED_ACKED, tcpSkbMss } from '../cb.ts';
import { TCP_CA_Loss } from '../constants.ts';
import { tcpHighestSackSeq } from '../flight.ts';
import { tcpFragment } from '../output/fragment.ts';
import { after, before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { tcpRateSkbDelivered } from './rate.ts';
import { tcpCheckSackReordering } from './reordering.ts';
import { SackCache } from './sack-cache.ts';
import { readBlocks, tcpCheckDsack } from './sack-read.ts';
import { tcpSacktagOne } from './sacktag-one.ts';
import type { SacktagState } from './sacktag-state.ts';
import { tcpShiftSkbData } from './shift.ts';

/** Whether a block covers the buffer; cuts it at a segment boundary if it covers a part. @kernel net/ipv4/tcp_input.c tcp_match_skb_to_sack() */
function tcpMatchSkbToSack(sk: TcpSock, skb: SkBuff, start: number, end: number): boolean {
  const { cb } = skb;
  let inSack = !after(start, cb[SEQ]) && !before(end, cb[END_SEQ]);
  if (inSack || cb[PCOUNT] <= 1 || !after(cb[END_SEQ], start)) return inSack;
  const mss = tcpSkbMss(skb);
  inSack = !after(start, cb[SEQ]);
  let length = inSack ? (end - cb[SEQ]) | 0 : Math.max((start - cb[SEQ]) | 0, mss);
  if (inSack && length < mss) return false;
  if (length > mss) {
    let whole = length - (length % mss);
    if (!inSack && whole < length) whole += mss;
    length = whole;
  }
  if (length >= skb.len && !inSack) return false;
  if (tcpFragment(sk, sk.rtxQueue, skb, length, mss) !== 0) return false;
  return inSack;
}

/** The buffer in which sequence number `seq` lies: looked for from the last place, if that is before it. */
function find(sk: TcpSock, seq: number): SkBuff | null {
  const { sackHint } = sk.loss;
  let skb = sackHint !== null && !after(sackHint.cb[SEQ], seq) ? sackHint : sk.rtxQueue.first;
  while (skb !== null && !after(skb.cb[END_SEQ], seq)) skb = skb.next;
  return skb;
}

/** Marks what a block covers, from the buffer with `from` on. @kernel net/ipv4/tcp_input.c tcp_sacktag_walk() */
function tcpSacktagWalk(
  sk: TcpSock,
  state: SacktagState,
  from: number,
  start: number,
  end: number,
  dup: boolean,
): void {
  for (let skb = find(sk, from); skb !== null && before(skb.cb[SEQ], end); skb = skb.next) {
    const shifted = tcpShiftSkbData(sk, state, skb, start, end, dup);
    if (shifted !== null) skb = shifted;
    else if (tcpMatchSkbToSack(sk, skb, start, end)) mark(sk, state, skb, dup);
    else continue;
    if (!dup) sk.loss.sackHint = skb;
  }
}

/** Walks what the last blocks did not cover, since that is marked already. */
function walkNews(sk: TcpSock, state: SacktagState, cache: SackCache, start: number, end: number): void {
  let from = start;
  for (let i = 0; i < cache.count; i++) {
    const known = cache.start[i];
    const knownEnd = cache.end[i];
    if (!before(start, knownEnd) || !after(end, known)) continue;
    if (before(start, known)) tcpSacktagWalk(sk, state, from, start, known, false);
    if (!after(end, knownEnd)) return;
    from = knownEnd;
  }
  if (!before(start, tcpHighestSackSeq(sk))) from = start; // buffers of which a part was covered
  tcpSacktagWalk(sk, state, from, start, end, false);
}

function mark(sk: TcpSock, state: SacktagState, skb: SkBuff, dup: boolean): void {
  const { loss } = sk;
  const { cb } = skb;
  const first = loss.sackedOut === 0;
  cb[SACKED] = tcpSacktagOne(sk, state, cb, cb[END_SEQ], skb.len, cb[PCOUNT], dup);
  tcpRateSkbDelivered(sk, skb, sk.tcp.sample);
  if ((cb[SACKED] & TCPCB_SACKED_ACKED) !== 0) cb[DELIVERED_US] = 0;
  if (loss.sackedOut > 0 && (first || !before(cb[END_SEQ], loss.highSackSeq))) loss.highSackSeq = cb[END_SEQ];
}

/**
 * Enters the SACK blocks of an ACK into the scoreboard: the marks on the retransmission queue. Returns FLAG_* bits.
 *
 * @kernel net/ipv4/tcp_input.c tcp_sacktag_write_queue() @rfc 6675 4
 */
export function tcpSacktagWriteQueue(sk: TcpSock, skb: SkBuff, priorUna: number): number {
  const { tcp, cc, loss } = sk;
  const state = tcp.sacktag;
  state.flag = 0;
  state.reord = sk.snd.nxt;
  const blocks = tcp.sackBlocks;
  const dsack = tcpCheckDsack(sk, skb, priorUna, state);
  if (before(skb.cb[ACK_SEQ], (priorUna - sk.snd.maxWnd) | 0)) return 0;
  if (sk.snd.packetsOut === 0) return state.flag;
  const count = readBlocks(sk, skb, priorUna, dsack, blocks);
  const cache = (loss.sackCache ??= new SackCache());
  if (loss.sackedOut === 0) cache.count = 0;
  for (let i = 0; i < count; i++) {
    const start = blocks.start[i];
    const end = blocks.end[i];
    if (blocks.dup[i] === 1) tcpSacktagWalk(sk, state, start, start, end, true);
    else walkNews(sk, state, cache, start, end);
  }
  cache.keep(blocks, count);
  if (cc.state !== TCP_CA_Loss || loss.undoMarker !== 0) tcpCheckSackReordering(sk, state.reord, false);
  return state.flag;
}
