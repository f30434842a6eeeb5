import type { Plugin } from '@stack/plugin';
import { TCP_CA_Loss, TCP_INFINITE_SSTHRESH } from '../../constants.ts';
import { needPacing } from '../../pacing/pacing-state.ts';
import type { TcpSock } from '../../sock.ts';
import { CA_EVENT_TX_START, type CongestionOps } from '../ops.ts';
import { CongestionControls } from '../registry.ts';
import { tcpRenoCongAvoid } from '../reno.ts';
import { bbrUpdateAckAggregation } from './aggregation.ts';
import { bbrLtBwSampling, bbrResetLtBwSampling, bbrUpdateBw } from './bandwidth.ts';
import { BbrState, PROBE_BW, PROBE_RTT } from './bbr-state.ts';
import {
  bbrCheckDrain,
  bbrCheckFullBwReached,
  bbrCheckProbeRttDone,
  bbrUpdateCyclePhase,
  bbrUpdateGains,
  bbrUpdateMinRtt,
} from './modes.ts';
import { bbrInitPacingRateFromRtt, bbrMinTsoSegs, bbrSaveCwnd, bbrSetCwnd, bbrSetPacingRate } from './window.ts';

const stateOf = (sk: TcpSock): BbrState => (sk.cc.priv ??= begin(sk)) as BbrState;

/** @kernel net/ipv4/tcp_bbr.c bbr_init() */
function begin(sk: TcpSock): BbrState {
  const bbr = new BbrState(sk);
  sk.cc.ssthresh = TCP_INFINITE_SSTHRESH;
  bbrInitPacingRateFromRtt(sk, bbr);
  needPacing(sk);
  return bbr;
}

/**
 * BBR, version 1: models the path by its bandwidth and its empty round trip, and sends at that rate, whatever is lost.
 *
 * @kernel net/ipv4/tcp_bbr.c bbr_main()
 * @see draft-cardwell-iccrg-bbr-congestion-control-00
 */
export const bbrOps: CongestionOps = {
  name: 'bbr',

  init(sk) {
    sk.cc.priv = begin(sk);
  },

  /** @kernel net/ipv4/tcp_bbr.c bbr_main() */
  congControl(sk, _ack, sample) {
    const bbr = stateOf(sk);
    bbrUpdateBw(sk, bbr, sample);
    bbrUpdateAckAggregation(sk, bbr, sample);
    bbrUpdateCyclePhase(sk, bbr, sample);
    bbrCheckFullBwReached(bbr, sample);
    bbrCheckDrain(sk, bbr);
    bbrUpdateMinRtt(sk, bbr, sample);
    bbrUpdateGains(bbr);
    bbrSetPacingRate(sk, bbr, bbr.bw, bbr.pacingGain);
    bbrSetCwnd(sk, bbr, sample);
  },

  congAvoid: tcpRenoCongAvoid,

  ssthresh(sk) {
    bbrSaveCwnd(sk, stateOf(sk));
    return sk.cc.ssthresh;
  },

  /** A spurious recovery says nothing of the path. @kernel net/ipv4/tcp_bbr.c bbr_undo_cwnd() */
  undoCwnd(sk) {
    const bbr = stateOf(sk);
    bbr.fullBw = 0;
    bbr.fullBwCount = 0;
    bbrResetLtBwSampling(sk, bbr);
    return sk.cc.cwnd;
  },

  /** @kernel net/ipv4/tcp_bbr.c bbr_set_state() */
  setState(sk, state) {
    if (state !== TCP_CA_Loss) return;
    const bbr = stateOf(sk);
    bbr.prevState = TCP_CA_Loss;
    bbr.fullBw = 0;
    bbr.roundStart = true; // as if a round trip had ended
    bbrLtBwSampling(sk, bbr, 1, false);
  },

  /** After idling there is no queue to drain: as fast as measured. @kernel net/ipv4/tcp_bbr.c bbr_cwnd_event() */
  cwndEvent(sk, event) {
    if (event !== CA_EVENT_TX_START || sk.rate.appLimited === 0) return;
    const bbr = stateOf(sk);
    bbr.idleRestart = true;
    bbr.epochUs = sk.tcp.us;
    bbr.epochAcked = 0;
    if (bbr.mode === PROBE_BW) bbrSetPacingRate(sk, bbr, bbr.bw, 1);
    else if (bbr.mode === PROBE_RTT) bbrCheckProbeRttDone(sk, bbr);
  },

  minTsoSegs: bbrMinTsoSegs,

  sndbufExpand: () => 3,

  getInfo,
};

/** Bandwidth in bytes a second (64 bits), empty round trip, and both gains in 256ths. @kernel include/uapi/linux/inet_diag.h struct tcp_bbr_info */
function getInfo(sk: TcpSock): Uint8Array {
  const bbr = stateOf(sk);
  const view = new DataView(new ArrayBuffer(20));
  view.setBigUint64(0, BigInt(Math.floor(bbr.bw * sk.snd.mss * 1e6)), true);
  view.setUint32(8, bbr.minRtt, true);
  view.setUint32(12, Math.round(bbr.pacingGain * 256), true);
  view.setUint32(16, Math.round(bbr.cwndGain * 256), true);
  return new Uint8Array(view.buffer);
}

/** Brings BBR, under the name `bbr`. */
export function bbr(): Plugin {
  return { name: 'tcp-bbr', attach: (services) => services.get(CongestionControls).add(bbrOps) };
}
