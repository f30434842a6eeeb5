import type { SkBuff } from '@stack/skb';
import {
  ACK_SEQ,
  END_SEQ,
  PCOUNT,
  SACKED,
  SEQ,
  TCPCB_LOST,
  TCPCB_RETRANS,
  TCPCB_SACKED_ACKED,
  TCPCB_SACKED_RETRANS,
  tcpSkbMss,
  TX_US,
} from '../cb.ts';
import { TCP_CA_Loss } from '../constants.ts';
import { tcpHighestSackSeq } from '../flight.ts';
import { FLAG_DATA_SACKED, FLAG_ORIG_SACK_ACKED } from '../input/flags.ts';
import { tcpFragment } from '../output/fragment.ts';
import { after, before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { tcpRackAdvance } from './rack.ts';
import { tcpRateSkbDelivered } from './rate.ts';
import { tcpCheckSackReordering } from './reordering.ts';
import { readBlocks } from './sack-read.ts';
import type { SacktagState } from './sacktag-state.ts';

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

/** A buffer is covered by a block. @kernel net/ipv4/tcp_input.c tcp_sacktag_one() */
function tcpSacktagOne(sk: TcpSock, state: SacktagState, skb: SkBuff, dup: boolean): void {
  const { cc, loss } = sk;
  const { cb } = skb;
  const count = cb[PCOUNT];
  let sacked = cb[SACKED];
  if (dup && (sacked & TCPCB_RETRANS) !== 0) {
    if (loss.undoMarker !== 0 && loss.undoRetrans > 0 && after(cb[END_SEQ], loss.undoMarker))
      loss.undoRetrans = Math.max(0, loss.undoRetrans - count);
    if ((sacked & TCPCB_SACKED_ACKED) !== 0 && before(cb[SEQ], state.reord)) state.reord = cb[SEQ];
  }
  if (!after(cb[END_SEQ], sk.snd.una)) return;
  if ((sacked & TCPCB_SACKED_ACKED) === 0) {
    tcpRackAdvance(sk, sacked, cb[END_SEQ], cb[TX_US]);
    if ((sacked & TCPCB_SACKED_RETRANS) !== 0) {
      // Not marked lost: believe that the retransmission is still under way.
      if ((sacked & TCPCB_LOST) !== 0) {
        sacked &= ~(TCPCB_LOST | TCPCB_SACKED_RETRANS);
        loss.lostOut -= count;
        loss.retransOut -= count;
      }
    } else {
      if ((sacked & TCPCB_RETRANS) === 0) noteOriginal(sk, state, cb);
      if ((sacked & TCPCB_LOST) !== 0) {
        sacked &= ~TCPCB_LOST;
        loss.lostOut -= count;
      }
    }
    sacked |= TCPCB_SACKED_ACKED;
    state.flag |= FLAG_DATA_SACKED;
    loss.sackedOut += count;
    cc.delivered += count;
    state.deliveredBytes += skb.len;
  }
  if (dup && (sacked & TCPCB_SACKED_RETRANS) !== 0) {
    sacked &= ~TCPCB_SACKED_RETRANS;
    loss.retransOut -= count;
  }
  cb[SACKED] = sacked;
  tcpRateSkbDelivered(sk, skb, sk.tcp.sample);
}

/** Never retransmitted and now SACKed: a sample of the round trip, and reordering if it lies below others. */
function noteOriginal(sk: TcpSock, state: SacktagState, cb: Int32Array): void {
  if (before(cb[SEQ], tcpHighestSackSeq(sk)) && before(cb[SEQ], state.reord)) state.reord = cb[SEQ];
  if (!after(cb[END_SEQ], sk.loss.highSeq)) state.flag |= FLAG_ORIG_SACK_ACKED;
  if (!state.hasFirst) {
    state.hasFirst = true;
    state.firstUs = cb[TX_US];
  }
  state.lastUs = cb[TX_US];
}

/** Where to begin looking for the buffer with sequence number `seq`: the last place, if that is before it. */
function walkFrom(sk: TcpSock, seq: number): SkBuff | null {
  const hint = sk.loss.sackHint;
  return hint !== null && !after(hint.cb[SEQ], seq) ? hint : sk.rtxQueue.first;
}

/** Marks the buffers that a block covers. @kernel net/ipv4/tcp_input.c tcp_sacktag_walk() */
function tcpSacktagWalk(sk: TcpSock, state: SacktagState, start: number, end: number, dup: boolean): void {
  const { loss } = sk;
  for (let skb = walkFrom(sk, start); skb !== null && before(skb.cb[SEQ], end); skb = skb.next) {
    if (!after(skb.cb[END_SEQ], start)) continue;
    if ((skb.cb[SACKED] & TCPCB_SACKED_ACKED) !== 0 && !dup) continue;
    if (!tcpMatchSkbToSack(sk, skb, start, end)) continue;
    const first = loss.sackedOut === 0;
    tcpSacktagOne(sk, state, skb, dup);
    if (loss.sackedOut > 0 && (first || !before(skb.cb[END_SEQ], loss.highSackSeq))) loss.highSackSeq = skb.cb[END_SEQ];
    if (!dup) sk.loss.sackHint = skb;
  }
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
  const count = readBlocks(sk, skb, priorUna, state, blocks);
  if (before(skb.cb[ACK_SEQ], (priorUna - sk.snd.maxWnd) | 0)) return 0;
  if (sk.snd.packetsOut > 0) {
    for (let i = 0; i < count; i++) {
      tcpSacktagWalk(sk, state, blocks.start[i], blocks.end[i], blocks.dup[i] === 1);
    }
  }
  if (cc.state !== TCP_CA_Loss || loss.undoMarker !== 0) tcpCheckSackReordering(sk, state.reord, false);
  return state.flag;
}
