import { MAX_TCP_HEADER, TCP_CA_Recovery, TCP_INIT_CWND } from '../../constants.ts';
import { tcpPacketsInFlight } from '../../flight.ts';
import { pacingRate } from '../../pacing/pace.ts';
import type { RateSample } from '../../recovery/rate-sample.ts';
import type { TcpSock } from '../../sock.ts';
import { bbrAckAggregationCwnd } from './aggregation.ts';
import { CWND_MIN, HIGH_GAIN, PROBE_BW, PROBE_RTT, type BbrState } from './bbr-state.ts';

/** A little less than measured, so that queues empty. */
const PACING_MARGIN = 0.99;
/** Below so many bytes a second packets have one segment. */
const MIN_TSO_RATE = 1_200_000 / 8;
const UNKNOWN_RTT = 0x7fffffff;
const MOST_GSO = 65_536 - 1 - MAX_TCP_HEADER;

/** @kernel net/ipv4/tcp_bbr.c bbr_rate_bytes_per_sec() */
export function bbrRateBytesPerSec(sk: TcpSock, bw: number, gain: number): number {
  return Math.floor(bw * gain * sk.snd.mss * 1e6 * PACING_MARGIN);
}

/** Before there is a bandwidth: the window in a round trip. @kernel net/ipv4/tcp_bbr.c bbr_init_pacing_rate_from_rtt() */
export function bbrInitPacingRateFromRtt(sk: TcpSock, bbr: BbrState): void {
  const { srtt } = sk.rtt;
  bbr.hasSeenRtt = srtt !== 0;
  const rttUs = srtt === 0 ? 1000 : Math.max(srtt >>> 3, 1);
  sk.cc.pacingRate = bbrRateBytesPerSec(sk, sk.cc.cwnd / rttUs, HIGH_GAIN);
}

/** @kernel net/ipv4/tcp_bbr.c bbr_set_pacing_rate() */
export function bbrSetPacingRate(sk: TcpSock, bbr: BbrState, bw: number, gain: number): void {
  const rate = bbrRateBytesPerSec(sk, bw, gain);
  if (!bbr.hasSeenRtt && sk.rtt.srtt !== 0) bbrInitPacingRateFromRtt(sk, bbr);
  if (bbr.fullBwReached || rate > sk.cc.pacingRate) sk.cc.pacingRate = Math.max(rate, 1);
}

/** @kernel net/ipv4/tcp_bbr.c bbr_min_tso_segs() */
export function bbrMinTsoSegs(sk: TcpSock): number {
  return pacingRate(sk) < MIN_TSO_RATE ? 1 : 2;
}

/** @kernel net/ipv4/tcp_bbr.c bbr_tso_segs_goal() */
function bbrTsoSegsGoal(sk: TcpSock): number {
  const bytes = Math.min(Math.floor(pacingRate(sk) / 1024), MOST_GSO);
  return Math.min(Math.max(Math.floor(bytes / sk.snd.mss), bbrMinTsoSegs(sk)), 127);
}

/** Segments that the path holds, times `gain`. @kernel net/ipv4/tcp_bbr.c bbr_bdp() */
function bbrBdp(bbr: BbrState, bw: number, gain: number): number {
  return bbr.minRtt === UNKNOWN_RTT ? TCP_INIT_CWND : Math.ceil(bw * bbr.minRtt * gain);
}

/** Packets are large, and ACKs come for two: room for that. @kernel net/ipv4/tcp_bbr.c bbr_quantization_budget() */
function bbrQuantizationBudget(sk: TcpSock, bbr: BbrState, cwnd: number): number {
  const even = (cwnd + 3 * bbrTsoSegsGoal(sk) + 1) & ~1;
  return bbr.mode === PROBE_BW && bbr.cycleIndex === 0 ? even + 2 : even;
}

/** @kernel net/ipv4/tcp_bbr.c bbr_inflight() */
export function bbrInflight(sk: TcpSock, bbr: BbrState, bw: number, gain: number): number {
  return bbrQuantizationBudget(sk, bbr, bbrBdp(bbr, bw, gain));
}

/** Segments that will be in the network when the next packet leaves. @kernel net/ipv4/tcp_bbr.c bbr_packets_in_net_at_edt() */
export function bbrPacketsInNetAtEdt(sk: TcpSock, bbr: BbrState, inFlight: number): number {
  const waitUs = sk.pacing === null ? 0 : Math.max(0, sk.pacing.departure - sk.tcp.ns) / 1000;
  const then = bbr.pacingGain > 1 ? inFlight + bbrTsoSegsGoal(sk) : inFlight;
  return Math.max(0, then - Math.floor(bbr.bw * waitUs));
}

/** Remembers the window for when recovery or PROBE_RTT is over. @kernel net/ipv4/tcp_bbr.c bbr_save_cwnd() */
export function bbrSaveCwnd(sk: TcpSock, bbr: BbrState): void {
  const undisturbed = bbr.prevState < TCP_CA_Recovery && bbr.mode !== PROBE_RTT;
  bbr.priorCwnd = undisturbed ? sk.cc.cwnd : Math.max(bbr.priorCwnd, sk.cc.cwnd);
}

/** In its first round trip a recovery sends as much as is delivered; afterwards the window is what it was. @kernel net/ipv4/tcp_bbr.c bbr_set_cwnd_to_recover_or_restore() */
function recoverOrRestore(sk: TcpSock, bbr: BbrState, rs: RateSample): number {
  const { state } = sk.cc;
  const conserving = tcpPacketsInFlight(sk) + rs.ackedSacked;
  let { cwnd } = sk.cc;
  if (rs.losses > 0) cwnd = Math.max(cwnd - rs.losses, 1);
  if (state === TCP_CA_Recovery && bbr.prevState !== TCP_CA_Recovery) {
    bbr.packetConservation = true;
    bbr.nextRoundDelivered = sk.cc.delivered;
    cwnd = conserving;
  } else if (bbr.prevState >= TCP_CA_Recovery && state < TCP_CA_Recovery) {
    cwnd = Math.max(cwnd, bbr.priorCwnd);
    bbr.packetConservation = false;
  }
  bbr.prevState = state;
  return bbr.packetConservation ? Math.max(cwnd, conserving) : cwnd;
}

/** @kernel net/ipv4/tcp_bbr.c bbr_set_cwnd() */
export function bbrSetCwnd(sk: TcpSock, bbr: BbrState, rs: RateSample): void {
  const { cc } = sk;
  if (rs.ackedSacked > 0) {
    cc.cwnd = recoverOrRestore(sk, bbr, rs);
    if (!bbr.packetConservation) cc.cwnd = Math.max(towardsTarget(sk, bbr, rs.ackedSacked), CWND_MIN);
  }
  if (bbr.mode === PROBE_RTT) cc.cwnd = Math.min(cc.cwnd, CWND_MIN);
}

function towardsTarget(sk: TcpSock, bbr: BbrState, acked: number): number {
  const { cwnd, delivered } = sk.cc;
  const bdp = bbrBdp(bbr, bbr.bw, bbr.cwndGain) + bbrAckAggregationCwnd(bbr);
  const target = bbrQuantizationBudget(sk, bbr, bdp);
  if (bbr.fullBwReached) return Math.min(cwnd + acked, target);
  return cwnd < target || delivered < TCP_INIT_CWND ? cwnd + acked : cwnd;
}
