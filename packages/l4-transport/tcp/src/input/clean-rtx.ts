import { tcp as th, type SkBuff } from '@stack/skb';
import {
  END_SEQ,
  FLAGS,
  PCOUNT,
  SACKED,
  SEQ,
  TCPCB_LOST,
  TCPCB_RETRANS,
  TCPCB_SACKED_ACKED,
  TCPCB_SACKED_RETRANS,
  TX_MS,
  TX_US,
} from '../cb.ts';
import { tcpIsReno, tcpRtxQueueUnlinkAndFree } from '../flight.ts';
import { tcpMtupProbeAcked } from '../mtu/result.ts';
import { tcpTrimHead } from '../output/retransmit.ts';
import { tcpRackAdvance } from '../recovery/rack.ts';
import { tcpRateSkbDelivered } from '../recovery/rate.ts';
import { tcpRemoveRenoSacks } from '../recovery/reno.ts';
import { tcpCheckSackReordering } from '../recovery/reordering.ts';
import { after, before } from '../seq.ts';
import { tcpAckTstamp } from '../stamps/stamps.ts';
import { CHRONO_BUSY, tcpChronoStop } from '../stats/chrono.ts';
import type { TcpSock } from '../sock.ts';
import {
  FLAG_ACK_MAYBE_DELAYED,
  FLAG_ACKED,
  FLAG_DATA_ACKED,
  FLAG_ORIG_SACK_ACKED,
  FLAG_RETRANS_DATA_ACKED,
  FLAG_SACK_RENEGING,
  FLAG_SET_XMIT_TIMER,
  FLAG_SYN_ACKED,
} from './flags.ts';
import { tcpAckUpdateRtt } from './rtt.ts';

/** How many segments at the front of a GSO buffer are acknowledged; they are cut off. @kernel net/ipv4/tcp_input.c tcp_tso_acked() */
function tcpTsoAcked(sk: TcpSock, skb: SkBuff): number {
  const before = skb.cb[PCOUNT];
  if (!tcpTrimHead(sk, skb, (sk.snd.una - skb.cb[SEQ]) | 0)) return 0;
  return before - skb.cb[PCOUNT];
}

/** The original arrived, as the stamp says that the peer echoes: it is older than the retransmission. @kernel net/ipv4/tcp_input.c tcp_skb_spurious_retrans() */
function tcpSkbSpuriousRetrans(sk: TcpSock, { cb }: SkBuff): boolean {
  const { ecr } = sk.tcp.heard;
  return (cb[SACKED] & TCPCB_RETRANS) !== 0 && ecr !== 0 && before(ecr, cb[TX_MS]);
}

/** Accounts for `count` acknowledged segments of a buffer, `bytes` of payload. */
function acknowledge(sk: TcpSock, skb: SkBuff, seq: number, count: number, bytes: number): void {
  const { cc, snd, tcp, loss } = sk;
  const { cleaned } = tcp;
  const { cb } = skb;
  const sacked = cb[SACKED];
  tcpAckTstamp(sk, skb);
  if ((sacked & TCPCB_RETRANS) !== 0) {
    if ((sacked & TCPCB_SACKED_RETRANS) !== 0) loss.retransOut -= count;
    cleaned.flag |= FLAG_RETRANS_DATA_ACKED;
  } else if ((sacked & TCPCB_SACKED_ACKED) === 0) {
    cleaned.lastUs = cb[TX_US];
    if (!cleaned.hasFirst) {
      cleaned.hasFirst = true;
      cleaned.firstUs = cb[TX_US];
    }
    if (before(seq, cleaned.reord)) cleaned.reord = seq;
    if (!after(cb[END_SEQ], loss.highSeq)) cleaned.flag |= FLAG_ORIG_SACK_ACKED;
  }
  if ((sacked & TCPCB_SACKED_ACKED) !== 0) {
    loss.sackedOut -= count;
  } else if (!tcpIsReno(sk)) {
    cc.delivered += count;
    if (!tcpSkbSpuriousRetrans(sk, skb)) tcpRackAdvance(sk, sacked, cb[END_SEQ], cb[TX_US]);
  }
  if ((sacked & TCPCB_SACKED_ACKED) === 0) tcp.sacktag.deliveredBytes += bytes;
  if ((sacked & TCPCB_LOST) !== 0) loss.lostOut -= count;
  snd.packetsOut -= count;
  cleaned.packets += count;
  tcpRateSkbDelivered(sk, skb, tcp.sample);
  if ((cb[FLAGS] & th.SYN) === 0) {
    cleaned.flag |= FLAG_DATA_ACKED;
  } else {
    cleaned.flag |= FLAG_SYN_ACKED;
    sk.loss.retransPending = false;
  }
}

/** Walks the acknowledged buffers and frees them. Returns the first one that is not. */
function walk(sk: TcpSock): SkBuff | null {
  const { una } = sk.snd;
  const { cleaned } = sk.tcp;
  for (let skb = sk.rtxQueue.first; skb !== null; skb = sk.rtxQueue.first) {
    const { cb } = skb;
    const seq = cb[SEQ];
    const length = skb.len;
    let count = cb[PCOUNT];
    if (after(cb[END_SEQ], una)) {
      if (count === 1 || !after(una, seq)) {
        tcpAckTstamp(sk, skb);
        return skb;
      }
      count = tcpTsoAcked(sk, skb);
      if (count === 0) return skb;
      cleaned.fully = false;
    }
    acknowledge(sk, skb, seq, count, cleaned.fully ? length : length - skb.len);
    if (!cleaned.fully) return skb;
    tcpRtxQueueUnlinkAndFree(sk, skb);
  }
  return null;
}

/**
 * Takes what is acknowledged off the retransmission queue, and measures the round trip by it. Returns FLAG_* bits.
 *
 * @kernel net/ipv4/tcp_input.c tcp_clean_rtx_queue() @rfc 6298 3
 */
export function tcpCleanRtxQueue(
  sk: TcpSock,
  flags: number,
  priorFack: number,
  priorUna: number,
  priorSacked: number,
): number {
  const { tcp, snd, cc } = sk;
  const { sample, sacktag, cleaned } = tcp;
  cleaned.clear(snd.nxt);
  const deliveredBefore = cc.delivered;
  const head = walk(sk);
  if (head === null) tcpChronoStop(sk, CHRONO_BUSY);
  let flag = flags | cleaned.flag;
  if (head !== null && (head.cb[SACKED] & TCPCB_SACKED_ACKED) !== 0) flag |= FLAG_SACK_RENEGING;
  let seqRtt = -1;
  let sackRtt = -1;
  let caRtt = -1;
  if (cleaned.hasFirst && (flag & FLAG_RETRANS_DATA_ACKED) === 0) {
    seqRtt = (tcp.us - cleaned.firstUs) | 0;
    caRtt = (tcp.us - cleaned.lastUs) | 0;
    // A lone runt: its receiver may have waited with the ACK.
    const lone = cleaned.packets === 1 && cleaned.fully && priorSacked === 0;
    if (lone && ((snd.una - priorUna) | 0) < snd.mss) flag |= FLAG_ACK_MAYBE_DELAYED;
  }
  if (sacktag.hasFirst) {
    sackRtt = (tcp.us - sacktag.firstUs) | 0;
    caRtt = (tcp.us - sacktag.lastUs) | 0;
  }
  const updated = tcpAckUpdateRtt(sk, flag, seqRtt, sackRtt, caRtt, sample);
  if ((flag & FLAG_ACKED) !== 0) {
    flag |= FLAG_SET_XMIT_TIMER;
    if (sk.mtup !== null) tcpMtupProbeAcked(sk, sk.mtup);
    if (tcpIsReno(sk)) {
      tcpRemoveRenoSacks(sk, cleaned.packets);
      if ((flag & FLAG_RETRANS_DATA_ACKED) !== 0) flag &= ~FLAG_ORIG_SACK_ACKED;
    } else if (before(cleaned.reord, priorFack)) {
      tcpCheckSackReordering(sk, cleaned.reord, false); // a hole that was never retransmitted got filled
    }
  } else if (head !== null && updated && sackRtt >= 0 && sackRtt > ((tcp.us - head.cb[TX_US]) | 0)) {
    flag |= FLAG_SET_XMIT_TIMER; // not when the sample is younger than the head: the time-out must not recede for ever
  }
  const { pktsAcked } = cc.ops;
  if (pktsAcked !== undefined) {
    const info = tcp.ackSample;
    info.pktsAcked = cleaned.packets;
    info.rttUs = sample.rttUs;
    info.inFlight = snd.mss * (cc.delivered - deliveredBefore);
    cc.ops.pktsAcked?.(sk, info);
  }
  return flag;
}
