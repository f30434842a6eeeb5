import type { RateSample } from '../../recovery/rate-sample.ts';
import { before } from '../../seq.ts';
import type { TcpSock } from '../../sock.ts';
import { PROBE_BW, type BbrState } from './bbr-state.ts';
import { resetProbeBw } from './modes.ts';
import { bbrRateBytesPerSec } from './window.ts';

/** A stretch of a policed path: so many round trips, with so large a share of losses. */
const LT_ROUNDS = 4;
const LT_ROUNDS_MAX = 4 * LT_ROUNDS;
const LT_LOSSES = 50 / 256;
/** Two stretches agree when they differ by an eighth, or by so many bytes a second. */
const LT_RATIO = 1 / 8;
const LT_DIFFERENCE = 500;
/** Round trips after which the policer may have gone. */
const LT_USE_ROUNDS = 48;

/** Takes in a delivery rate; counts round trips. @kernel net/ipv4/tcp_bbr.c bbr_update_bw() */
export function bbrUpdateBw(sk: TcpSock, bbr: BbrState, rs: RateSample): void {
  bbr.roundStart = false;
  if (rs.delivered < 0 || rs.intervalUs <= 0) return;
  if (!before(rs.priorDelivered, bbr.nextRoundDelivered)) {
    bbr.nextRoundDelivered = sk.cc.delivered;
    bbr.rounds++;
    bbr.roundStart = true;
    bbr.packetConservation = false;
  }
  bbrLtBwSampling(sk, bbr, rs.losses, rs.isAppLimited);
  const bw = rs.delivered / rs.intervalUs;
  // A sender that had too little to send shows what the path gives at least.
  if (!rs.isAppLimited || bw >= bbr.bw) bbr.maxBw.add(bw, bbr.rounds);
}

/** @kernel net/ipv4/tcp_bbr.c bbr_reset_lt_bw_sampling_interval() */
function resetInterval(sk: TcpSock, bbr: BbrState): void {
  bbr.ltUs = sk.rate.deliveredUs;
  bbr.ltDelivered = sk.cc.delivered;
  bbr.ltLost = sk.loss.lost;
  bbr.ltRounds = 0;
}

/** @kernel net/ipv4/tcp_bbr.c bbr_reset_lt_bw_sampling() */
export function bbrResetLtBwSampling(sk: TcpSock, bbr: BbrState): void {
  bbr.ltBw = 0;
  bbr.ltUse = false;
  bbr.ltSampling = false;
  resetInterval(sk, bbr);
}

/**
 * Finds out whether a token bucket polices the path: two stretches in which much was lost at about the same
 * bandwidth. Then that is used, without probing for more.
 *
 * @kernel net/ipv4/tcp_bbr.c bbr_lt_bw_sampling()
 */
export function bbrLtBwSampling(sk: TcpSock, bbr: BbrState, losses: number, appLimited: boolean): void {
  if (bbr.ltUse) {
    if (bbr.mode === PROBE_BW && bbr.roundStart && ++bbr.ltRounds >= LT_USE_ROUNDS) {
      bbrResetLtBwSampling(sk, bbr);
      resetProbeBw(sk, bbr);
    }
    return;
  }
  if (!bbr.ltSampling) {
    if (losses === 0) return;
    resetInterval(sk, bbr); // the bucket is empty
    bbr.ltSampling = true;
  }
  if (appLimited) {
    bbrResetLtBwSampling(sk, bbr);
    return;
  }
  if (bbr.roundStart) bbr.ltRounds++;
  if (bbr.ltRounds < LT_ROUNDS) return;
  if (bbr.ltRounds > LT_ROUNDS_MAX) bbrResetLtBwSampling(sk, bbr);
  else if (losses > 0) endStretch(sk, bbr);
}

function endStretch(sk: TcpSock, bbr: BbrState): void {
  const lost = sk.loss.lost - bbr.ltLost;
  const delivered = sk.cc.delivered - bbr.ltDelivered;
  const time = (sk.rate.deliveredUs - bbr.ltUs) | 0;
  if (delivered <= 0 || lost < LT_LOSSES * delivered || time < 1000) return;
  const bw = delivered / time;
  const difference = Math.abs(bw - bbr.ltBw);
  const agrees = difference <= LT_RATIO * bbr.ltBw || bbrRateBytesPerSec(sk, difference, 1) <= LT_DIFFERENCE;
  if (bbr.ltBw === 0 || !agrees) {
    bbr.ltBw = bw;
    resetInterval(sk, bbr);
    return;
  }
  bbr.ltBw = (bw + bbr.ltBw) / 2;
  bbr.ltUse = true;
  bbr.pacingGain = 1;
  bbr.ltRounds = 0;
}
