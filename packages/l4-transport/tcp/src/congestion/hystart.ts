import type { TcpSock } from '../sock.ts';

/** Windows below this are left to slow start, in segments. */
const LOW_WINDOW = 16;
/** Round trips of a round that are looked at. */
const MIN_SAMPLES = 8;
/** ACKs closer together than this are of one train, microseconds. */
const ACK_DELTA = 2_000;
/** A growth of the round trip by an eighth ends slow start, within these bounds, microseconds. */
const DELAY_MIN = 4_000;
const DELAY_MAX = 16_000;

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
  if (sk.cc.cwnd < LOW_WINDOW) return;
  if (trainIsLong(sk, state) || delayHasGrown(state, delay)) {
    state.found = true;
    sk.cc.ssthresh = sk.cc.cwnd;
  }
}

function trainIsLong(sk: TcpSock, state: HystartState): boolean {
  const now = sk.tcp.us;
  if (((now - state.lastAck) | 0) > ACK_DELTA) return false;
  state.lastAck = now;
  // While we pace, ACKs come spread over the whole round trip rather than half of it.
  const threshold = sk.cc.pacingRate > 0 ? state.delayMin : state.delayMin >> 1;
  return ((now - state.roundStart) | 0) > threshold;
}

function delayHasGrown(state: HystartState, delay: number): boolean {
  if (state.currRtt > delay) state.currRtt = delay;
  if (state.samples < MIN_SAMPLES) {
    state.samples++;
    return false;
  }
  const tolerance = Math.min(Math.max(state.delayMin >> 3, DELAY_MIN), DELAY_MAX);
  return state.currRtt > state.delayMin + tolerance;
}
