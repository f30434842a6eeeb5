import { HYSTART_ACK_TRAIN, HYSTART_DELAY } from './cubic-params.ts';
import { TcpExt } from '../mib.ts';
import { pacingRate } from '../pacing/pace.ts';
import type { TcpSock } from '../sock.ts';

/** Round trips of a round that are looked at. */
const MIN_SAMPLES = 8;
/** A growth of the round trip by an eighth ends slow start, within these bounds, microseconds. */
const DELAY_MIN = 4_000;
const DELAY_MAX = 16_000;
const MILLISECOND = 1_000;
/** Bytes of four packets of the largest size. */
const BURST = 4 * 65_536;

/** What HyStart remembers. Times in microseconds. */
export interface HystartState {
  found: boolean;
  roundStart: number;
  lastAck: number;
  endSeq: number;
  currRtt: number;
  samples: number;
  delayMin: number;
}

/** A new round begins. @kernel net/ipv4/tcp_cubic.c bictcp_hystart_reset() */
export function hystartReset(sk: TcpSock, state: HystartState): void {
  state.roundStart = state.lastAck = sk.tcp.us;
  state.endSeq = sk.snd.nxt;
  state.currRtt = 0x7fffffff;
  state.samples = 0;
}

/**
 * Leaves slow start before it overshoots: when a train of ACKs has lasted half a round trip (the pipe is full), or
 * when round trips grow (a queue builds up).
 *
 * @kernel net/ipv4/tcp_cubic.c hystart_update()
 */
export function hystartUpdate(sk: TcpSock, state: HystartState, delay: number): void {
  if (((sk.snd.una - state.endSeq) | 0) > 0) hystartReset(sk, state);
  const { hystart_low_window: lowWindow, hystart_detect: detect } = sk.tcp.cubic;
  if (sk.cc.cwnd < lowWindow) return;
  const train = (detect & HYSTART_ACK_TRAIN) !== 0 && trainIsLong(sk, state);
  if (train || ((detect & HYSTART_DELAY) !== 0 && delayHasGrown(sk, state, delay))) {
    state.found = true;
    sk.cc.ssthresh = sk.cc.cwnd;
  }
}

function trainIsLong(sk: TcpSock, state: HystartState): boolean {
  const now = sk.tcp.us;
  if (((now - state.lastAck) | 0) > sk.tcp.cubic.hystart_ack_delta_us) return false;
  state.lastAck = now;
  const threshold = state.delayMin + hystartAckDelay(sk);
  // While we pace, ACKs come spread over the whole round trip rather than half of it.
  if (((now - state.roundStart) | 0) <= (sk.pacing === null ? threshold >> 1 : threshold)) return false;
  sk.tcp.mib.ext[TcpExt.TCPHystartTrainDetect]++;
  sk.tcp.mib.ext[TcpExt.TCPHystartTrainCwnd] += sk.cc.cwnd;
  return true;
}

/** Large packets come in bursts, which must not count as a train: microseconds. @kernel net/ipv4/tcp_cubic.c hystart_ack_delay() */
function hystartAckDelay(sk: TcpSock): number {
  return Math.min(MILLISECOND, Math.floor((BURST * 1e6) / pacingRate(sk)));
}

function delayHasGrown(sk: TcpSock, state: HystartState, delay: number): boolean {
  if (state.currRtt > delay) state.currRtt = delay;
  if (state.samples < MIN_SAMPLES) {
    state.samples++;
    return false;
  }
  const tolerance = Math.min(Math.max(state.delayMin >> 3, DELAY_MIN), DELAY_MAX);
  if (state.currRtt <= state.delayMin + tolerance) return false;
  sk.tcp.mib.ext[TcpExt.TCPHystartDelayDetect]++;
  sk.tcp.mib.ext[TcpExt.TCPHystartDelayCwnd] += sk.cc.cwnd;
  return true;
}
