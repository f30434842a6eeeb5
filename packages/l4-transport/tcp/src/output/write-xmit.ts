import type { SkBuff } from '@stack/skb';
import { END_SEQ, PCOUNT, SEQ } from '../cb.ts';
import { ICSK_TIME_LOSS_PROBE, TCP_NAGLE_PUSH } from '../constants.ts';
import { tcpInCwndReduction, tcpPacketsInFlight } from '../flight.ts';
import { TcpExt } from '../mib.ts';
import { MTU_PROBED, MTU_WAIT, tcpMtuProbe } from '../mtu/probe.ts';
import { tcpPacingCheck } from '../pacing/pace.ts';
import { tcpCwndValidate } from '../recovery/cwnd-validate.ts';
import { tcpRearmRto } from '../recovery/rearm.ts';
import { CHRONO_RWND_LIMITED, tcpChronoStart, tcpChronoStop } from '../stats/chrono.ts';
import { tcpCheckSpace } from '../sndbuf.ts';
import { tcpUrgMode } from '../urgent/state.ts';
import type { TcpSock } from '../sock.ts';
import { tcpGrowSkb } from './collapse.ts';
import { tcpFragment } from './fragment.ts';
import { tcpScheduleLossProbe } from './loss-probe-timer.ts';
import {
  DEFER_CWND,
  DEFER_NO,
  DEFER_RWND,
  tcpCwndTest,
  tcpMinshallUpdate,
  tcpMssSplitPoint,
  tcpNagleTest,
  tcpSmallQueueCheck,
  tcpSndWndTest,
  tcpTsoShouldDefer,
} from './may-send.ts';
import { tcpSetSkbTsoSegs, tcpTsoSegs } from './segments.ts';
import { tcpTransmitSkb } from './transmit.ts';

/** For `pushOne`: one buffer at most, and one even when the window is full. */
export const PUSH_ONE = 1;
export const PUSH_PROBE = 2;

/** What {@link sendOne} answers: sent, or held back: by the congestion window, by the peer's. */
const SENT = 0;
const HELD = 1;
const HELD_BY_CWND = 2;
const HELD_BY_RWND = 3;

/**
 * Sends as much of the write queue as windows, Nagle's rule and the host's own queues let go. True when nothing was
 * sent, nothing is in flight and data waits: somebody must probe.
 *
 * @kernel net/ipv4/tcp_output.c tcp_write_xmit()
 */
export function tcpWriteXmit(sk: TcpSock, mss: number, nonagle: number, pushOne: number): boolean {
  sk.tcp.refresh();
  const maxSegs = tcpTsoSegs(sk, mss);
  let verdict = SENT;
  let sent = 0;
  if (pushOne === 0 && sk.mtup !== null) {
    const probed = tcpMtuProbe(sk, sk.mtup);
    if (probed === MTU_WAIT) return false;
    if (probed === MTU_PROBED) {
      tcpEventNewDataSent(sk, sk.writeQueue.first!);
      sent = 1;
    }
  }
  for (let skb = sk.writeQueue.first; skb !== null; skb = sk.writeQueue.first) {
    verdict = sendOne(sk, skb, mss, nonagle, pushOne, maxSegs);
    if (verdict !== SENT) break;
    sent += skb.cb[PCOUNT];
    if (pushOne !== 0) break;
  }
  if (verdict === HELD_BY_RWND) tcpChronoStart(sk, CHRONO_RWND_LIMITED);
  else tcpChronoStop(sk, CHRONO_RWND_LIMITED);
  const cwndLimited = verdict === HELD_BY_CWND || tcpPacketsInFlight(sk) >= sk.cc.cwnd;
  if (sent > 0 || cwndLimited) tcpCwndValidate(sk, cwndLimited);
  if (sent === 0) return sk.snd.packetsOut === 0 && sk.hasUnsent;
  if (tcpInCwndReduction(sk)) sk.loss.prrOut += sent;
  if (pushOne !== PUSH_PROBE) tcpScheduleLossProbe(sk, false);
  return false;
}

function sendOne(sk: TcpSock, skb: SkBuff, mss: number, nonagle: number, pushOne: number, maxSegs: number): number {
  if (sk.pacing !== null && tcpPacingCheck(sk, sk.pacing)) return HELD;
  let quota = tcpCwndTest(sk);
  if (quota === 0) {
    if (pushOne !== PUSH_PROBE) return HELD;
    quota = 1;
  }
  quota = Math.min(quota, maxSegs);
  const missing = quota * mss - skb.len;
  if (missing > 0) tcpGrowSkb(sk, skb, missing);
  const segs = tcpSetSkbTsoSegs(skb, mss);
  if (!tcpSndWndTest(sk, skb, mss)) return HELD_BY_RWND;
  if (segs === 1) {
    if (!tcpNagleTest(sk, skb, mss, skb === sk.writeQueue.last ? nonagle : TCP_NAGLE_PUSH)) return HELD;
  } else if (pushOne === 0) {
    const defer = tcpTsoShouldDefer(sk, skb, maxSegs);
    if (defer !== DEFER_NO) return defer === DEFER_CWND ? HELD_BY_CWND : defer === DEFER_RWND ? HELD_BY_RWND : HELD;
  }
  const limit = segs > 1 && !tcpUrgMode(sk) ? tcpMssSplitPoint(sk, skb, mss, quota, nonagle) : mss;
  if (skb.len > limit && tcpFragment(sk, sk.writeQueue, skb, limit, mss) !== 0) return HELD;
  if (tcpSmallQueueCheck(sk, skb, 0)) return HELD;
  // A zero-length part is left when the window ends inside a segment that Nagle keeps back.
  if (skb.cb[END_SEQ] === skb.cb[SEQ]) return HELD;
  if (tcpTransmitSkb(sk, skb, true) !== 0) return HELD;
  tcpEventNewDataSent(sk, skb);
  tcpMinshallUpdate(sk, mss, skb);
  return SENT;
}

/** A buffer was sent for the first time. @kernel net/ipv4/tcp_output.c tcp_event_new_data_sent() */
export function tcpEventNewDataSent(sk: TcpSock, skb: SkBuff): void {
  const { snd } = sk;
  const before = snd.packetsOut;
  snd.nxt = skb.cb[END_SEQ];
  sk.writeQueue.remove(skb);
  sk.rtxQueue.push(skb);
  snd.packetsOut += skb.cb[PCOUNT];
  if (before === 0 || sk.pendingTimer === ICSK_TIME_LOSS_PROBE) tcpRearmRto(sk);
  sk.tcp.mib.ext[TcpExt.TCPOrigDataSent] += skb.cb[PCOUNT];
  tcpCheckSpace(sk);
}
