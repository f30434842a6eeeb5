import { TCP_CA_Open } from '../../constants.ts';
import type { TcpSock } from '../../sock.ts';
import { MaxFilter } from './max-filter.ts';

/** What BBR is doing: filling the pipe, emptying the queue that made, cruising, or measuring the empty path. */
export const STARTUP = 0;
export const DRAIN = 1;
export const PROBE_BW = 2;
export const PROBE_RTT = 3;

/** Doubles the rate each round trip: 2/ln(2). Draining is the opposite. */
export const HIGH_GAIN = 739 / 256;
export const DRAIN_GAIN = 88 / 256;
/** Rates of the phases of cruising: one round trip above, one below, six as measured. */
export const CYCLE = [1.25, 0.75, 1, 1, 1, 1, 1, 1] as const;
/** The window allows twice what the path holds, for ACKs that come late or together. */
export const CWND_GAIN = 2;
export const CWND_MIN = 4;
/** Round trips for which a bandwidth counts. */
const BW_ROUNDS = CYCLE.length + 2;

/** What BBR remembers of a connection. Bandwidths are in segments a microsecond, times in microseconds unless said otherwise. */
export class BbrState {
  mode = STARTUP;
  /** Set when the first ACK comes. */
  pacingGain = 0;
  cwndGain = 0;
  // The model of the path.
  readonly maxBw = new MaxFilter(BW_ROUNDS);
  minRtt: number;
  /** Jiffies. */
  minRttStamp: number;
  hasSeenRtt = false;
  // Round trips, by what had been delivered.
  rounds = 0;
  roundStart = false;
  nextRoundDelivered: number;
  // STARTUP ends when the bandwidth does not grow for three round trips.
  fullBw = 0;
  fullBwCount = 0;
  fullBwReached = false;
  // PROBE_BW.
  cycleIndex = 0;
  cycleUs = 0;
  // PROBE_RTT; jiffies, 0: the flight is still too large.
  probeRttDone = 0;
  probeRttRoundDone = false;
  idleRestart = false;
  // Loss recovery.
  priorCwnd = 0;
  prevState = TCP_CA_Open;
  packetConservation = false;
  // Policers: a bandwidth held over long stretches with loss.
  ltSampling = false;
  ltUse = false;
  ltBw = 0;
  ltRounds = 0;
  ltDelivered = 0;
  ltLost = 0;
  ltUs = 0;
  // ACKs that come together: how many segments more than expected, in two windows of round trips.
  epochUs: number;
  epochAcked = 0;
  extra0 = 0;
  extra1 = 0;
  extraIndex = 0;
  extraRounds = 0;

  constructor(sk: TcpSock) {
    this.minRtt = sk.rtt.min0;
    this.minRttStamp = sk.tcp.jiffies;
    this.nextRoundDelivered = sk.cc.delivered;
    this.epochUs = sk.tcp.us;
  }

  /** What the path gives: as measured, or as a policer lets pass. @kernel net/ipv4/tcp_bbr.c bbr_bw() */
  get bw(): number {
    return this.ltUse ? this.ltBw : this.maxBw.value;
  }
}
