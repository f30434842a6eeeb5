import type { Plugin } from '@stack/plugin';
import { ICSK_ACK_NOW, ICSK_ACK_TIMER, TCP_CA_Recovery } from '../constants.ts';
import { __tcpSendAck } from '../output/send-ack.ts';
import { before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { CA_EVENT_ECN_IS_CE, CA_EVENT_ECN_NO_CE, CA_EVENT_LOSS, type CongestionOps } from './ops.ts';
import { CongestionControls } from './registry.ts';
import { tcpRenoCongAvoid, tcpRenoSsthresh, tcpRenoUndoCwnd } from './reno.ts';

/** Alpha is in units of 1/1024, and follows the share of marks by a sixteenth. @rfc 8257 3.3 */
const MAX_ALPHA = 1024;
const GAIN_SHIFT = 4;

/** What DCTCP remembers of a connection. */
class DctcpState {
  /** Share of marked segments, smoothed. The first estimate is the most careful. */
  alpha = MAX_ALPHA;
  /** End of the window that is observed, and what had been delivered when it began. */
  nextSeq: number;
  delivered: number;
  deliveredCe: number;
  /** As a receiver: whether the last segment was marked, and what had been received then. */
  marked = false;
  priorRcvNxt: number;
  /** Window before the last reduction. */
  lossCwnd = 0;

  constructor(sk: TcpSock) {
    this.priorRcvNxt = sk.rcv.nxt;
    this.nextSeq = sk.snd.nxt;
    this.delivered = sk.cc.delivered;
    this.deliveredCe = marksOf(sk);
  }
}

/** None before the handshake is done. */
const marksOf = (sk: TcpSock): number => sk.ecn?.deliveredCe ?? 0;
const stateOf = (sk: TcpSock): DctcpState => (sk.cc.priv ??= new DctcpState(sk)) as DctcpState;

/** For connections whose peer knows no ECN. @kernel net/ipv4/tcp_dctcp.c dctcp_reno */
const dctcpReno: CongestionOps = {
  name: 'dctcp-reno',
  ssthresh: tcpRenoSsthresh,
  undoCwnd: tcpRenoUndoCwnd,
  congAvoid: tcpRenoCongAvoid,
  getInfo: () => new Uint8Array(INFO_LENGTH),
};

/**
 * DCTCP: marks say how much congestion there is, and the window is reduced by as much; for networks whose switches
 * mark early.
 *
 * @kernel net/ipv4/tcp_dctcp.c dctcp_update_alpha()
 * @rfc 8257
 */
export const dctcpOps: CongestionOps = {
  name: 'dctcp',
  needsEcn: true,

  init(sk) {
    if (sk.ecn === null) sk.cc.ops = dctcpReno;
    else sk.cc.priv = new DctcpState(sk);
  },

  /** Reduces by half of the share of marks. @rfc 8257 3.3 */
  ssthresh(sk) {
    const state = stateOf(sk);
    const { cwnd } = sk.cc;
    state.lossCwnd = cwnd;
    return Math.max(cwnd - Math.floor((cwnd * state.alpha) / (2 * MAX_ALPHA)), 2);
  },

  congAvoid: tcpRenoCongAvoid,

  undoCwnd: (sk) => Math.max(sk.cc.cwnd, stateOf(sk).lossCwnd),

  inAckEvent(sk) {
    const state = stateOf(sk);
    if (!before(sk.snd.una, state.nextSeq)) endWindow(sk, state);
  },

  setState(sk, state) {
    if (state === TCP_CA_Recovery && sk.cc.state !== TCP_CA_Recovery) reactToLoss(sk);
  },

  cwndEvent(sk, event) {
    if (event === CA_EVENT_ECN_IS_CE || event === CA_EVENT_ECN_NO_CE) noteMark(sk, event === CA_EVENT_ECN_IS_CE);
    else if (event === CA_EVENT_LOSS) reactToLoss(sk);
  },

  getInfo,
};

/** A window has been acknowledged: its share of marks moves alpha. @kernel net/ipv4/tcp_dctcp.c dctcp_update_alpha() @rfc 8257 3.3 */
function endWindow(sk: TcpSock, state: DctcpState): void {
  const marked = marksOf(sk) - state.deliveredCe;
  const delivered = Math.max(1, sk.cc.delivered - state.delivered);
  state.alpha -= state.alpha >> GAIN_SHIFT || state.alpha;
  state.alpha = Math.min(state.alpha + Math.floor((marked << (10 - GAIN_SHIFT)) / delivered), MAX_ALPHA);
  state.nextSeq = sk.snd.nxt;
  state.delivered = sk.cc.delivered;
  state.deliveredCe = marksOf(sk);
}

/** A loss is a loss: half the window. @kernel net/ipv4/tcp_dctcp.c dctcp_react_to_loss() @rfc 8257 3.5 */
function reactToLoss(sk: TcpSock): void {
  stateOf(sk).lossCwnd = sk.cc.cwnd;
  sk.cc.ssthresh = Math.max(sk.cc.cwnd >> 1, 2);
}

/**
 * As a receiver: ECE says exactly which segments were marked. Where marks begin or end, what is unacknowledged is
 * acknowledged as it was, and what came now at once.
 *
 * @kernel net/ipv4/tcp_dctcp.h dctcp_ece_ack_update() @rfc 8257 3.2
 */
function noteMark(sk: TcpSock, marked: boolean): void {
  const state = stateOf(sk);
  const ecn = sk.ecn!;
  if (state.marked !== marked) {
    if ((sk.ack.pending & ICSK_ACK_TIMER) !== 0) {
      ecn.demandCwr = state.marked;
      __tcpSendAck(sk, state.priorRcvNxt, 0);
    }
    sk.ack.pending |= ICSK_ACK_NOW;
  }
  state.priorRcvNxt = sk.rcv.nxt;
  state.marked = marked;
  ecn.demandCwr = marked;
}

const INFO_LENGTH = 16;

/** Whether it is in use, marks as a receiver, alpha, and bytes with marks and all of this window. @kernel include/uapi/linux/inet_diag.h struct tcp_dctcp_info */
function getInfo(sk: TcpSock): Uint8Array {
  const state = stateOf(sk);
  const view = new DataView(new ArrayBuffer(INFO_LENGTH));
  view.setUint16(0, 1, true);
  view.setUint16(2, state.marked ? 1 : 0, true);
  view.setUint32(4, state.alpha, true);
  view.setUint32(8, sk.snd.mss * (marksOf(sk) - state.deliveredCe), true);
  view.setUint32(12, sk.snd.mss * (sk.cc.delivered - state.delivered), true);
  return new Uint8Array(view.buffer);
}

/** Brings DCTCP, under the name `dctcp`. */
export function dctcp(): Plugin {
  return { name: 'tcp-dctcp', attach: (services) => services.get(CongestionControls).add(dctcpOps) };
}
