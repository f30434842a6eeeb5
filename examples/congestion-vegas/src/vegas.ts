import type { Plugin } from '@stack/plugin';
import {
  CongestionControls,
  reno,
  tcpInSlowStart,
  tcpIsCwndLimited,
  tcpSlowStart,
  type CongestionOps,
  type TcpSock,
} from '@stack/tcp';

/** Segments that a connection may keep in the path's queues: fewer and it speeds up, more and it slows down. */
const ALPHA = 2;
const BETA = 4;
/** The same while it is still in slow start. */
const GAMMA = 1;

/** What it knows of a connection. Times in microseconds. */
class VegasState {
  /** The shortest round trip ever: the path with empty queues. */
  baseRtt = Infinity;
  /** The shortest one in this round, and how many there were. */
  minRtt = Infinity;
  count = 0;
  /** The round ends when this sequence number is acknowledged. */
  roundEnd = 0;
}

/**
 * Congestion shows in the round-trip time before it shows in losses: what a connection has in flight beyond what the empty
 * path would hold waits in queues.
 *
 * Brakmo, O'Malley, Peterson: TCP Vegas: New Techniques for Congestion Detection and Avoidance, SIGCOMM 1994.
 */
export const vegas: CongestionOps = {
  name: 'vegas',
  ssthresh: reno.ssthresh,
  undoCwnd: reno.undoCwnd,

  init(sk) {
    const state = new VegasState();
    state.roundEnd = sk.snd.nxt;
    sk.cc.priv = state;
  },

  pktsAcked(sk, { rttUs }) {
    if (rttUs <= 0) return;
    const state = stateOf(sk);
    if (rttUs < state.baseRtt) state.baseRtt = rttUs;
    if (rttUs < state.minRtt) state.minRtt = rttUs;
    state.count++;
  },

  congAvoid(sk, ack, acked) {
    const state = stateOf(sk);
    if (((ack - state.roundEnd) | 0) < 0) {
      if (tcpInSlowStart(sk) && tcpIsCwndLimited(sk)) tcpSlowStart(sk, acked);
      return;
    }
    if (state.count <= 2) reno.congAvoid(sk, ack, acked);
    else decide(sk, state, acked);
    state.roundEnd = sk.snd.nxt;
    state.minRtt = Infinity;
    state.count = 0;
  },
};

/** Once a round: how much of what is in flight waits in queues? */
function decide(sk: TcpSock, { minRtt, baseRtt }: VegasState, acked: number): void {
  const { cc } = sk;
  const queued = cc.cwnd - Math.floor((cc.cwnd * baseRtt) / minRtt);
  if (tcpInSlowStart(sk)) {
    if (queued <= GAMMA) {
      tcpSlowStart(sk, acked);
      return;
    }
    cc.cwnd = Math.max(2, Math.min(cc.cwnd, Math.floor((cc.cwnd * baseRtt) / minRtt) + 1));
    cc.ssthresh = Math.max(2, Math.min(cc.ssthresh, cc.cwnd - 1));
  } else if (queued > BETA) {
    cc.cwnd = Math.max(2, cc.cwnd - 1);
    cc.ssthresh = Math.max(2, Math.min(cc.ssthresh, cc.cwnd - 1));
  } else if (queued < ALPHA && tcpIsCwndLimited(sk)) {
    cc.cwnd++;
  }
}

function stateOf(sk: TcpSock): VegasState {
  return (sk.cc.priv ??= new VegasState()) as VegasState;
}

/** Connections may ask for `vegas` with TCP_CONGESTION. */
export function vegasControl(): Plugin {
  return { name: 'vegas', attach: (services) => services.get(CongestionControls).add(vegas) };
}
