import { TCP_CA_Loss } from '../constants.ts';
import type { TcpSock } from '../sock.ts';
import { hystartReset, hystartUpdate, type HystartState } from './hystart.ts';
import { tcpInSlowStart } from '../flight.ts';
import { tcpIsCwndLimited } from '../recovery/cwnd-validate.ts';
import { tcpCongAvoidAi, tcpSlowStart } from './increase.ts';
import { CA_EVENT_TX_START, type CongestionOps } from './ops.ts';

// Whole numbers, scaled as Linux scales them: where windows are small, how they are rounded decides when they grow.
/** Multiplicative decrease in 1024ths. @rfc 9438 4.6 */
const BETA = 717;
const BETA_UNIT = 1024;
/** How steep the cubic is: 0.4 segments per second cubed, for times in 1024ths of a second. @rfc 9438 5 */
const CUBE_UNIT = 2 ** 40;
const STEEPNESS = 410;
const CUBE_FACTOR = Math.floor(CUBE_UNIT / STEEPNESS);
const TIME_UNIT = 1024;
/** Eight times the segments that Reno, made fair to our decrease, acknowledges for each by which it grows. @rfc 9438 4.3 */
const RENO_EIGHTHS = 15;
/** Growth per acknowledged segment while the target is reached, and at least until the first loss. */
const SLOWEST = 100;
const SLOWEST_BEFORE_LOSS = 20;
/** The window is computed anew once in so many milliseconds while it does not change. */
const UPDATE_INTERVAL = 1000 / 32;

/** What CUBIC remembers of a connection. Windows in segments, times in milliseconds unless said otherwise. */
class CubicState implements HystartState {
  /** Window just before the last reduction; 0 before the first. */
  wMax = 0;
  /** When this epoch of congestion avoidance began; 0: it has not. */
  epochStart = 0;
  /** Where the plateau lies and how long it takes to reach it, in 1024ths of a second. */
  origin = 0;
  k = 0;
  /** Segments to acknowledge for one more of window. */
  per = 0;
  lastCwnd = 0;
  lastTime = 0;
  /** Window that Reno would have, and acknowledgments towards its next segment. */
  wEst = 0;
  acked = 0;
  /** Smallest round trip seen, microseconds; 0: none. */
  delayMin = 0;
  // HyStart, see hystart.ts.
  found = false;
  roundStart = 0;
  lastAck = 0;
  endSeq = 0;
  currRtt = 0;
  samples = 0;
}

/**
 * CUBIC: after a loss the window approaches the old one as a cubic function of time, lingers there, then probes
 * beyond. Linux's default.
 *
 * @kernel net/ipv4/tcp_cubic.c cubictcp_cong_avoid()
 * @rfc 9438
 */
export const cubic: CongestionOps = {
  name: 'cubic',

  /** The state is made with the first data, where the first round of HyStart begins. */
  init(sk) {
    sk.cc.priv = null;
    const { hystart, initial_ssthresh: initial } = sk.tcp.cubic;
    if (!hystart && initial !== 0) sk.cc.ssthresh = initial;
  },

  ssthresh(sk) {
    const state = stateOf(sk);
    const { cwnd } = sk.cc;
    state.epochStart = 0;
    // Fast convergence: a window that did not reach the last one makes room for newcomers. @rfc 9438 4.7
    const converges = sk.tcp.cubic.fast_convergence && cwnd < state.wMax;
    state.wMax = converges ? Math.floor((cwnd * (BETA_UNIT + BETA)) / (2 * BETA_UNIT)) : cwnd;
    return Math.max(Math.floor((cwnd * BETA) / BETA_UNIT), 2);
  },

  undoCwnd: (sk) => Math.max(sk.cc.cwnd, sk.loss.priorCwnd),

  congAvoid(sk, _ack, acked) {
    if (!tcpIsCwndLimited(sk)) return;
    const left = tcpInSlowStart(sk) ? tcpSlowStart(sk, acked) : acked;
    if (left === 0) return;
    const state = stateOf(sk);
    update(sk, state, left);
    tcpCongAvoidAi(sk, state.per, left);
  },

  setState(sk, state) {
    if (state !== TCP_CA_Loss) return;
    const cubic = stateOf(sk);
    Object.assign(cubic, new CubicState());
    hystartReset(sk, cubic);
  },

  cwndEvent(sk, event) {
    if (event === CA_EVENT_TX_START) skipIdleTime(sk, stateOf(sk));
  },

  pktsAcked(sk, sample) {
    const state = stateOf(sk);
    if (sample.rttUs <= 0) return;
    // The first moments of an epoch measure the queue that the last one left.
    if (state.epochStart !== 0 && sk.tcp.ms - state.epochStart < 1000) return;
    const delay = Math.max(sample.rttUs, 1);
    if (state.delayMin === 0 || state.delayMin > delay) state.delayMin = delay;
    if (!state.found && tcpInSlowStart(sk) && sk.tcp.cubic.hystart) hystartUpdate(sk, state, delay);
  },
};

function stateOf(sk: TcpSock): CubicState {
  return (sk.cc.priv ?? begin(sk)) as CubicState;
}

function begin(sk: TcpSock): CubicState {
  const state = new CubicState();
  hystartReset(sk, state);
  sk.cc.priv = state;
  return state;
}

/** Time in which nothing was sent does not move the cubic on. */
function skipIdleTime(sk: TcpSock, state: CubicState): void {
  const idle = sk.tcp.jiffies - sk.snd.lsndtime;
  if (state.epochStart === 0 || idle <= 0) return;
  state.epochStart = Math.min(state.epochStart + idle, sk.tcp.ms);
}

/** How fast the window grows now. @kernel net/ipv4/tcp_cubic.c bictcp_update() */
function update(sk: TcpSock, state: CubicState, acked: number): void {
  const { cwnd } = sk.cc;
  const now = sk.tcp.ms;
  state.acked += acked;
  if (state.lastCwnd === cwnd && now - state.lastTime <= UPDATE_INTERVAL) return;
  if (!(state.epochStart !== 0 && now === state.lastTime)) {
    state.lastCwnd = cwnd;
    state.lastTime = now;
    if (state.epochStart === 0) beginEpoch(state, cwnd, now, acked);
    state.per = perSegment(cwnd, wCubic(state, now + Math.ceil(state.delayMin / 1000)));
    if (state.wMax === 0) state.per = Math.min(state.per, SLOWEST_BEFORE_LOSS);
  }
  if (sk.tcp.cubic.tcp_friendliness) befriendReno(state, cwnd);
  state.per = Math.max(state.per, 2); // at most half a segment more for each that is acknowledged
}

function beginEpoch(state: CubicState, cwnd: number, now: number, acked: number): void {
  state.epochStart = now;
  state.acked = acked;
  state.wEst = cwnd;
  state.origin = Math.max(state.wMax, cwnd);
  state.k = state.wMax <= cwnd ? 0 : Math.floor(Math.cbrt(CUBE_FACTOR * (state.wMax - cwnd)));
}

/** @rfc 9438 4.2 */
function wCubic(state: CubicState, at: number): number {
  const t = Math.floor(((at - state.epochStart) * TIME_UNIT) / 1000);
  const off = Math.abs(t - state.k);
  const delta = Math.floor((STEEPNESS * off * off * off) / CUBE_UNIT);
  return t < state.k ? state.origin - delta : state.origin + delta;
}

function perSegment(cwnd: number, target: number): number {
  return target > cwnd ? Math.floor(cwnd / (target - cwnd)) : SLOWEST * cwnd;
}

/** Where Reno would be faster, be as fast as it. @rfc 9438 4.3 */
function befriendReno(state: CubicState, cwnd: number): void {
  const perReno = (cwnd * RENO_EIGHTHS) >> 3;
  while (state.acked > perReno) {
    state.acked -= perReno;
    state.wEst++;
  }
  if (state.wEst > cwnd) state.per = Math.min(state.per, Math.floor(cwnd / (state.wEst - cwnd)));
}
