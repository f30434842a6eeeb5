import { DropReason, type SkBuff } from '@stack/skb';
import { ACK_SEQ, END_SEQ, SACKED, SEQ } from '../cb.ts';
import { ICSK_TIME_PROBE0, TCP_CA_Open } from '../constants.ts';
import { accurateOf } from '../ecn/accurate-state.ts';
import { tcpAccecnProcess } from '../ecn/acked.ts';
import { ECN_CLASSIC } from '../ecn/ecn-state.ts';
import { tcpCountDeliveredCe, tcpEcnAcceptCwr, tcpEcnRcvEcnEcho } from '../ecn/receive.ts';
import { tcpHighestSackSeq, tcpIsReno, tcpPacketsInFlight } from '../flight.ts';
import { TcpExt } from '../mib.ts';
import { tcpScheduleLossProbe } from '../output/loss-probe-timer.ts';
import { tcpClampProbe0ToUserTimeout } from '../output/probe.ts';
import { tcpReplaceTsRecent } from '../paws.ts';
import { tcpFastretransAlert } from '../recovery/fastretrans.ts';
import { tcpRackUpdateReoWnd } from '../recovery/rack.ts';
import { tcpRateGen } from '../recovery/rate.ts';
import { tcpRearmRto } from '../recovery/rearm.ts';
import { tcpSacktagWriteQueue } from '../recovery/sacktag.ts';
import { tcpProcessTlpAck } from '../recovery/tlp-ack.ts';
import { tcpUpdateRtoTime } from '../stats/rto-stats.ts';
import { tcpProbe0When, tcpResetXmitTimer, tcpRtoMax } from '../rto.ts';
import { after, before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { clearXmitTimer } from '../timers/arm.ts';
import { tcpWndEnd } from '../win.ts';
import { tcpSendChallengeAck } from './challenge.ts';
import { tcpCleanRtxQueue } from './clean-rtx.ts';
import { tcpCongControl, tcpInAckEvent, tcpXmitRecovery } from './cong-control.ts';
import {
  FLAG_ACK_MAYBE_DELAYED,
  FLAG_CA_ALERT,
  FLAG_DATA,
  FLAG_DSACKING_ACK,
  FLAG_ECE,
  FLAG_NO_CHALLENGE_ACK,
  FLAG_NOT_DUP,
  FLAG_SET_XMIT_TIMER,
  FLAG_SLOWPATH,
  FLAG_SND_UNA_ADVANCED,
  FLAG_UPDATE_TS_RECENT,
  FLAG_WIN_UPDATE,
  REXMIT_NONE,
} from './flags.ts';
import { tcpAckUpdateWindow, tcpSndUnaUpdate } from './window-update.ts';

/** @kernel net/ipv4/tcp_input.c tcp_ack_is_dubious() */
function tcpAckIsDubious(sk: TcpSock, flag: number): boolean {
  return (flag & FLAG_NOT_DUP) === 0 || (flag & FLAG_CA_ALERT) !== 0 || sk.cc.state !== TCP_CA_Open;
}

/** The window for which a probe waits may have opened. @kernel net/ipv4/tcp_input.c tcp_ack_probe() */
function tcpAckProbe(sk: TcpSock): void {
  const head = sk.writeQueue.first;
  if (head === null) return;
  if (!after(head.cb[END_SEQ], tcpWndEnd(sk))) {
    sk.rtt.backoff = 0;
    sk.probesTstamp = 0;
    if (sk.pendingTimer === ICSK_TIME_PROBE0) clearXmitTimer(sk);
    return;
  }
  tcpResetXmitTimer(sk, ICSK_TIME_PROBE0, tcpClampProbe0ToUserTimeout(sk, tcpProbe0When(sk, tcpRtoMax(sk))));
}

/** @kernel net/ipv4/tcp_input.c tcp_newly_delivered() */
function countDelivered(sk: TcpSock, before: number, flag: number): number {
  const delivered = sk.cc.delivered - before;
  sk.tcp.mib.ext[TcpExt.TCPDelivered] += delivered;
  if ((flag & FLAG_ECE) !== 0 && sk.ecn !== null && sk.ecn.mode === ECN_CLASSIC)
    tcpCountDeliveredCe(sk, sk.ecn, sk.cc.delivered - sk.tcp.deliveredMarked);
  return delivered;
}

/** What an ACK says of marks is counted, and the algorithm is told. FLAG_ECE if accurate feedback reports new ones. */
function ackEvent(sk: TcpSock, skb: SkBuff, before: number, flags: number): number {
  const { cc, tcp, ecn } = sk;
  let flag = flags;
  if (ecn !== null) {
    const accurate = accurateOf(sk);
    const delivered = cc.delivered - before;
    if (accurate === null) {
      if ((flag & FLAG_ECE) !== 0) tcpCountDeliveredCe(sk, ecn, delivered);
    } else if (tcpAccecnProcess(sk, ecn, accurate, skb, delivered, tcp.sacktag.deliveredBytes, flag) > 0) {
      flag |= FLAG_ECE;
    }
    tcp.deliveredMarked = cc.delivered;
  }
  tcpInAckEvent(sk, flag);
  return flag;
}

/** Duplicate ACKs that this one stands for. */
function duplicatesIn(skb: SkBuff, flag: number): number {
  if ((flag & (FLAG_SND_UNA_ADVANCED | FLAG_NOT_DUP | FLAG_DSACKING_ACK)) !== 0) return 0;
  return (flag & FLAG_DATA) === 0 ? Math.max(1, skb.shinfo.gsoSegs) : 1;
}

/** Below what is acknowledged already: only its SACK blocks may be news. */
function oldAck(sk: TcpSock, skb: SkBuff, flags: number, priorUna: number): number {
  const { cc, tcp } = sk;
  if (skb.cb[SACKED] === 0) return 0;
  const delivered = cc.delivered;
  const flag = ackEvent(sk, skb, delivered, flags | tcpSacktagWriteQueue(sk, skb, priorUna));
  tcpFastretransAlert(sk, priorUna, duplicatesIn(skb, flag), flag);
  countDelivered(sk, delivered, flag);
  tcpXmitRecovery(sk, tcp.rexmit);
  return 0;
}

/** Nothing was in flight: a window update, or an answer to a probe. */
function nothingInFlight(
  sk: TcpSock,
  skb: SkBuff,
  ack: number,
  flags: number,
  priorUna: number,
  delivered: number,
): number {
  const flag = ackEvent(sk, skb, delivered, flags);
  if ((flag & FLAG_DSACKING_ACK) !== 0) {
    tcpFastretransAlert(sk, priorUna, duplicatesIn(skb, flag), flag);
    countDelivered(sk, delivered, flag);
  }
  tcpAckProbe(sk);
  if (sk.loss.tlpHighSeq !== 0) tcpProcessTlpAck(sk, ack, flag);
  return 1;
}

/**
 * Processes the acknowledgment of a segment. 1: it counts; 0: it is old; a negative drop reason: it cannot be.
 *
 * @kernel net/ipv4/tcp_input.c tcp_ack() @rfc 9293 3.10.7.4 @rfc 5961 5.2
 */
export function tcpAck(sk: TcpSock, skb: SkBuff, flags: number): number {
  const { snd, cc, tcp, loss } = sk;
  const { sample, sacktag, mib } = tcp;
  const priorUna = snd.una;
  const priorSacked = loss.sackedOut;
  const priorPackets = snd.packetsOut;
  const priorDelivered = cc.delivered;
  const priorLost = loss.lost;
  const seq = skb.cb[SEQ];
  const ack = skb.cb[ACK_SEQ];
  let flag = flags;
  sacktag.clear(snd.nxt);
  sample.clear();
  tcp.rexmit = REXMIT_NONE;
  if (before(ack, priorUna)) {
    const window = Math.min(snd.maxWnd, snd.bytesAcked);
    if (!before(ack, (priorUna - window) | 0)) return oldAck(sk, skb, flag, priorUna);
    if ((flag & FLAG_NO_CHALLENGE_ACK) === 0) tcpSendChallengeAck(sk, false);
    return -DropReason.TCP_TOO_OLD_ACK;
  }
  if (after(ack, snd.nxt)) {
    if ((flag & FLAG_NO_CHALLENGE_ACK) === 0) tcpSendChallengeAck(sk, false);
    return -DropReason.TCP_ACK_UNSENT_DATA;
  }
  if (after(ack, priorUna)) {
    flag |= FLAG_SND_UNA_ADVANCED;
    if (sk.rtt.retransmits !== 0) tcpUpdateRtoTime(sk);
    sk.rtt.retransmits = 0;
  }
  const priorFack = tcpIsReno(sk) ? priorUna : tcpHighestSackSeq(sk);
  sample.priorInFlight = tcpPacketsInFlight(sk);
  if ((flag & FLAG_UPDATE_TS_RECENT) !== 0) flag |= tcpReplaceTsRecent(sk, seq);
  if ((flag & (FLAG_SLOWPATH | FLAG_SND_UNA_ADVANCED)) === FLAG_SND_UNA_ADVANCED) {
    snd.wl1 = seq;
    tcpSndUnaUpdate(sk, ack);
    flag |= FLAG_WIN_UPDATE;
    mib.ext[TcpExt.TCPHPAcks]++;
  } else {
    if (seq !== skb.cb[END_SEQ]) flag |= FLAG_DATA;
    else mib.ext[TcpExt.TCPPureAcks]++;
    flag |= tcpAckUpdateWindow(sk, skb, ack, seq);
    if (skb.cb[SACKED] !== 0) flag |= tcpSacktagWriteQueue(sk, skb, priorUna);
    if (sk.ecn !== null && tcpEcnRcvEcnEcho(sk.ecn, skb)) flag |= FLAG_ECE;
  }
  if (sk.ecn !== null) tcpEcnAcceptCwr(sk, sk.ecn, skb);
  sk.errSoft = 0;
  sk.probesOut = 0;
  sk.rcvTstamp = tcp.jiffies;
  if (priorPackets === 0) return nothingInFlight(sk, skb, ack, flag, priorUna, priorDelivered);
  flag = tcpCleanRtxQueue(sk, flag, priorFack, priorUna, priorSacked);
  tcpRackUpdateReoWnd(sk, sample);
  flag = ackEvent(sk, skb, priorDelivered, flag);
  if (loss.tlpHighSeq !== 0) tcpProcessTlpAck(sk, ack, flag);
  if (tcpAckIsDubious(sk, flag)) flag = tcpFastretransAlert(sk, priorUna, duplicatesIn(skb, flag), flag);
  if ((flag & FLAG_SET_XMIT_TIMER) !== 0 && !tcpScheduleLossProbe(sk, true)) tcpRearmRto(sk);
  const delivered = countDelivered(sk, priorDelivered, flag);
  const lost = loss.lost - priorLost;
  sample.isAckDelayed = (flag & FLAG_ACK_MAYBE_DELAYED) !== 0;
  tcpRateGen(sk, delivered, lost, sample);
  tcpCongControl(sk, ack, delivered, flag, lost);
  tcpXmitRecovery(sk, tcp.rexmit);
  return 1;
}
