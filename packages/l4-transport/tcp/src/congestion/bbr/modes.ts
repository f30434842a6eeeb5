import { tcpPacketsInFlight } from '../../flight.ts';
import type { RateSample } from '../../recovery/rate-sample.ts';
import type { TcpSock } from '../../sock.ts';
import {
  CWND_GAIN,
  CWND_MIN,
  CYCLE,
  DRAIN,
  DRAIN_GAIN,
  HIGH_GAIN,
  PROBE_BW,
  PROBE_RTT,
  STARTUP,
  type BbrState,
} from './bbr-state.ts';
import { bbrInflight, bbrPacketsInNetAtEdt, bbrSaveCwnd } from './window.ts';

/** The pipe is full when the bandwidth has not grown by a quarter for three round trips. */
const FULL_GROWTH = 1.25;
const FULL_ROUNDS = 3;
/** Phases in which cruising may begin: any but the one that empties the queue. */
const RANDOM_PHASES = CYCLE.length - 1;
/** Jiffies: a smallest round trip holds so long, and the empty path is measured for so long. */
const MIN_RTT_WINDOW = 10_000;
const PROBE_RTT_TIME = 200;

/** @kernel net/ipv4/tcp_bbr.c bbr_advance_cycle_phase() */
function advance(sk: TcpSock, bbr: BbrState): void {
  bbr.cycleIndex = (bbr.cycleIndex + 1) % CYCLE.length;
  bbr.cycleUs = sk.rate.deliveredUs;
}

/** @kernel net/ipv4/tcp_bbr.c bbr_reset_probe_bw_mode() */
export function resetProbeBw(sk: TcpSock, bbr: BbrState): void {
  bbr.mode = PROBE_BW;
  bbr.cycleIndex = CYCLE.length - 1 - sk.tcp.random.below(RANDOM_PHASES);
  advance(sk, bbr);
}

/** @kernel net/ipv4/tcp_bbr.c bbr_reset_mode() */
function resetMode(sk: TcpSock, bbr: BbrState): void {
  if (bbr.fullBwReached) resetProbeBw(sk, bbr);
  else bbr.mode = STARTUP;
}

/** A phase lasts a round trip; the one above until the flight has grown or something was lost, the one below until the queue is gone. @kernel net/ipv4/tcp_bbr.c bbr_is_next_cycle_phase() */
function isNextPhase(sk: TcpSock, bbr: BbrState, rs: RateSample): boolean {
  const full = ((sk.rate.deliveredUs - bbr.cycleUs) | 0) > bbr.minRtt;
  const gain = bbr.pacingGain;
  if (gain === 1) return full;
  const inNet = bbrPacketsInNetAtEdt(sk, bbr, rs.priorInFlight);
  const bw = bbr.maxBw.value;
  if (gain > 1) return full && (rs.losses > 0 || inNet >= bbrInflight(sk, bbr, bw, gain));
  return full || inNet <= bbrInflight(sk, bbr, bw, 1);
}

/** @kernel net/ipv4/tcp_bbr.c bbr_update_cycle_phase() */
export function bbrUpdateCyclePhase(sk: TcpSock, bbr: BbrState, rs: RateSample): void {
  if (bbr.mode === PROBE_BW && isNextPhase(sk, bbr, rs)) advance(sk, bbr);
}

/** @kernel net/ipv4/tcp_bbr.c bbr_check_full_bw_reached() */
export function bbrCheckFullBwReached(bbr: BbrState, rs: RateSample): void {
  if (bbr.fullBwReached || !bbr.roundStart || rs.isAppLimited) return;
  if (bbr.maxBw.value >= bbr.fullBw * FULL_GROWTH) {
    bbr.fullBw = bbr.maxBw.value;
    bbr.fullBwCount = 0;
    return;
  }
  bbr.fullBwReached = ++bbr.fullBwCount >= FULL_ROUNDS;
}

/** From STARTUP to DRAIN, and from there to PROBE_BW when the queue has gone. @kernel net/ipv4/tcp_bbr.c bbr_check_drain() */
export function bbrCheckDrain(sk: TcpSock, bbr: BbrState): void {
  const bw = bbr.maxBw.value;
  if (bbr.mode === STARTUP && bbr.fullBwReached) {
    bbr.mode = DRAIN;
    sk.cc.ssthresh = bbrInflight(sk, bbr, bw, 1);
  }
  if (bbr.mode !== DRAIN) return;
  if (bbrPacketsInNetAtEdt(sk, bbr, tcpPacketsInFlight(sk)) <= bbrInflight(sk, bbr, bw, 1)) resetProbeBw(sk, bbr);
}

/** @kernel net/ipv4/tcp_bbr.c bbr_check_probe_rtt_done() */
export function bbrCheckProbeRttDone(sk: TcpSock, bbr: BbrState): void {
  const { jiffies } = sk.tcp;
  if (bbr.probeRttDone === 0 || jiffies <= bbr.probeRttDone) return;
  bbr.minRttStamp = jiffies;
  sk.cc.cwnd = Math.max(sk.cc.cwnd, bbr.priorCwnd);
  resetMode(sk, bbr);
}

/** Keeps the smallest round trip. When none as small came for ten seconds, the flight is cut to four segments to see the path without a queue. @kernel net/ipv4/tcp_bbr.c bbr_update_min_rtt() */
export function bbrUpdateMinRtt(sk: TcpSock, bbr: BbrState, rs: RateSample): void {
  const { jiffies } = sk.tcp;
  const expired = jiffies > bbr.minRttStamp + MIN_RTT_WINDOW;
  if (rs.rttUs >= 0 && (rs.rttUs < bbr.minRtt || (expired && !rs.isAckDelayed))) {
    bbr.minRtt = rs.rttUs;
    bbr.minRttStamp = jiffies;
  }
  if (expired && !bbr.idleRestart && bbr.mode !== PROBE_RTT) {
    bbr.mode = PROBE_RTT;
    bbrSaveCwnd(sk, bbr);
    bbr.probeRttDone = 0;
  }
  if (bbr.mode === PROBE_RTT) probeRtt(sk, bbr);
  if (rs.delivered > 0) bbr.idleRestart = false;
}

function probeRtt(sk: TcpSock, bbr: BbrState): void {
  const inFlight = tcpPacketsInFlight(sk);
  // What is delivered now says nothing of the bandwidth.
  sk.rate.appLimited = (sk.cc.delivered + inFlight) | 0 || 1;
  if (bbr.probeRttDone === 0) {
    if (inFlight > CWND_MIN) return;
    bbr.probeRttDone = sk.tcp.jiffies + PROBE_RTT_TIME;
    bbr.probeRttRoundDone = false;
    bbr.nextRoundDelivered = sk.cc.delivered;
    return;
  }
  if (bbr.roundStart) bbr.probeRttRoundDone = true;
  if (bbr.probeRttRoundDone) bbrCheckProbeRttDone(sk, bbr);
}

/** @kernel net/ipv4/tcp_bbr.c bbr_update_gains() */
export function bbrUpdateGains(bbr: BbrState): void {
  switch (bbr.mode) {
    case STARTUP:
      bbr.pacingGain = bbr.cwndGain = HIGH_GAIN;
      break;
    case DRAIN:
      bbr.pacingGain = DRAIN_GAIN; // slow, but the window stays
      bbr.cwndGain = HIGH_GAIN;
      break;
    case PROBE_BW:
      bbr.pacingGain = bbr.ltUse ? 1 : CYCLE[bbr.cycleIndex];
      bbr.cwndGain = CWND_GAIN;
      break;
    default:
      bbr.pacingGain = bbr.cwndGain = 1;
  }
}
