import { DropReason, tcp as th, type SkBuff } from '@stack/skb';
import {
  RCV_SHUTDOWN,
  SEND_SHUTDOWN,
  TCP_CLOSE,
  TCP_CLOSE_WAIT,
  TCP_CLOSING,
  TCP_ESTABLISHED,
  TCP_FIN_WAIT1,
  TCP_FIN_WAIT2,
  TCP_LAST_ACK,
  TCP_LISTEN,
  TCP_SYN_RECV,
  TCP_SYN_SENT,
  TCP_TIME_WAIT,
} from '@stack/sock';
import { ACK_SEQ, END_SEQ, FLAGS, SEQ } from '../cb.ts';
import { tcpFinTime } from '../close/close.ts';
import { tcpDone } from '../close/done.ts';
import { tcpSetState } from '../close/set-state.ts';
import { TCP_TIMEWAIT_LEN, TS_OPTION } from '../constants.ts';
import { tcpInitTransfer } from '../connect/init.ts';
import { tcpFastopenCheckReq } from '../fastopen/check-req.ts';
import { tcpRcvSynrecvStateFastopen } from '../fastopen/established.ts';
import { tcpPassiveFastopen } from '../fastopen/state.ts';
import { tcpConnRequest } from '../listen/conn-request.ts';
import { tcpEcnReceivedCounters } from '../ecn/counters.ts';
import { tcpUpdateMetrics } from '../metrics/update.ts';
import { TcpExt } from '../mib.ts';
import { tcpDataSndCheck } from '../output/push.ts';
import { tcpTryUndoSpuriousSyn } from '../recovery/undo.ts';
import { after, before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { resetKeepaliveTimer } from '../timers/arm.ts';
import { tcpTimeWait } from '../timewait/time-wait.ts';
import { tcpUrg } from '../urgent/receive.ts';
import { tcpAck } from './ack.ts';
import { tcpAckSndCheck } from './ack-snd-check.ts';
import { tcpSendChallengeAck } from './challenge.ts';
import { tcpUpdatePacingRate } from './cong-control.ts';
import { tcpDataQueue } from './data-queue.ts';
import { tcpFastPathOn } from './fast-path.ts';
import { FLAG_NO_CHALLENGE_ACK, FLAG_SLOWPATH, FLAG_UPDATE_TS_RECENT } from './flags.ts';
import { tcpInitializeRcvMss } from './rcvbuf.ts';
import { tcpReset } from './reset.ts';
import { tcpSynackRttMeas } from './rtt.ts';
import { tcpRcvSynsentStateProcess } from './synsent.ts';
import { tcpValidateIncoming } from './validate.ts';

/**
 * A segment in every state but ESTABLISHED. 0: it has been taken, and is gone. A drop reason: it remains with the
 * caller, who answers with RST.
 *
 * @kernel net/ipv4/tcp_input.c tcp_rcv_state_process() @rfc 9293 3.10.7
 */
export function tcpRcvStateProcess(sk: TcpSock, skb: SkBuff): number {
  switch (sk.state) {
    case TCP_CLOSE:
      return drop(skb, DropReason.TCP_CLOSE);
    case TCP_LISTEN:
      return inListen(sk, skb);
    case TCP_SYN_SENT:
      return inSynSent(sk, skb);
    default:
      return synchronized(sk, skb);
  }
}

function inListen(sk: TcpSock, skb: SkBuff): number {
  const flags = skb.cb[FLAGS];
  if ((flags & th.ACK) !== 0) return DropReason.TCP_FLAGS;
  if ((flags & th.RST) !== 0) return drop(skb, DropReason.TCP_RESET);
  if ((flags & th.SYN) === 0 || (flags & th.FIN) !== 0) return drop(skb, DropReason.TCP_FLAGS);
  tcpConnRequest(sk, skb);
  return 0;
}

function inSynSent(sk: TcpSock, skb: SkBuff): number {
  const reason = tcpRcvSynsentStateProcess(sk, skb);
  if (reason === 0) tcpDataSndCheck(sk);
  return reason;
}

/** Both sides know each other's sequence numbers. */
function synchronized(sk: TcpSock, skb: SkBuff): number {
  sk.tcp.heard.clear();
  const early = sk.fastOpen === null ? null : sk.fastOpen.request;
  if (early !== null && !tcpFastopenCheckReq(sk, skb, early)) return 0;
  if ((skb.cb[FLAGS] & (th.ACK | th.RST | th.SYN)) === 0) return drop(skb, DropReason.TCP_FLAGS);
  if (!tcpValidateIncoming(sk, skb, false)) return 0;
  // A new connection has counted already the ACK that made it.
  if (sk.ecn !== null && sk.state !== TCP_SYN_RECV) tcpEcnReceivedCounters(sk, skb, skb.len - th.headerLength(skb));
  const reason = tcpAck(sk, skb, FLAG_SLOWPATH | FLAG_UPDATE_TS_RECENT | FLAG_NO_CHALLENGE_ACK);
  if (reason <= 0) {
    if (sk.state === TCP_SYN_RECV) return reason === 0 ? DropReason.TCP_OLD_ACK : -reason;
    if (reason < 0) {
      tcpSendChallengeAck(sk, false);
      return drop(skb, -reason);
    }
  }
  const left = afterAck(sk, skb);
  return left === GO_ON ? text(sk, skb) : left;
}

/** The segment is still to be looked at. */
const GO_ON = -1;

/** What the acknowledgment changes. Else it ends with the connection: 0 when it is gone, or a drop reason when it is to be reset. */
function afterAck(sk: TcpSock, skb: SkBuff): number {
  switch (sk.state) {
    case TCP_SYN_RECV:
      established(sk, skb);
      return GO_ON;
    case TCP_FIN_WAIT1:
      return inFinWait1(sk, skb);
    case TCP_CLOSING:
      if (sk.snd.una !== sk.snd.writeSeq) return GO_ON;
      tcpTimeWait(sk, TCP_TIME_WAIT, 0);
      skb.consume();
      return 0;
    case TCP_LAST_ACK:
      if (sk.snd.una !== sk.snd.writeSeq) return GO_ON;
      tcpUpdateMetrics(sk);
      tcpDone(sk);
      skb.consume();
      return 0;
    default:
      return GO_ON;
  }
}

/** The last ACK of the handshake. */
function established(sk: TcpSock, skb: SkBuff): void {
  const { snd, rcv, tcp } = sk;
  if (sk.loss.synackSentUs !== 0) {
    tcpSynackRttMeas(sk, Math.max((tcp.us - sk.loss.synackSentUs) | 0, 1));
    sk.loss.synackSentUs = 0;
  }
  sk.cc.delivered++; // the SYN-ACK, which no queue holds
  if (sk.opt.tstampOk) rcv.advmss -= TS_OPTION;
  const early = sk.fastOpen === null ? null : sk.fastOpen.request;
  if (early !== null) {
    if (sk.rtt.srtt === 0 && early.retransmits === 0) tcpSynackRttMeas(sk, Math.max((tcp.us - early.sentUs) | 0, 1));
    tcpRcvSynrecvStateFastopen(sk);
  } else {
    tcpTryUndoSpuriousSyn(sk);
    sk.loss.retransPending = false;
    tcpInitTransfer(sk);
    rcv.copiedSeq = rcv.nxt;
  }
  tcpSetState(sk, TCP_ESTABLISHED);
  sk.stateChange();
  snd.una = skb.cb[ACK_SEQ];
  snd.wnd = th.window(skb) << snd.wscale;
  snd.wl1 = skb.cb[SEQ];
  if (snd.wnd > snd.maxWnd) snd.maxWnd = snd.wnd;
  if (sk.cc.ops.congControl === undefined) tcpUpdatePacingRate(sk);
  snd.lsndtime = tcp.jiffies;
  tcpInitializeRcvMss(sk);
  tcpFastPathOn(sk);
  if ((sk.shutdown & SEND_SHUTDOWN) !== 0) tcpSetState(sk, TCP_FIN_WAIT1);
}

/** Our FIN may have been acknowledged. */
function inFinWait1(sk: TcpSock, skb: SkBuff): number {
  const { snd, tcp } = sk;
  if (tcpPassiveFastopen(sk)) tcpRcvSynrecvStateFastopen(sk);
  if (snd.una !== snd.writeSeq) return GO_ON;
  tcpSetState(sk, TCP_FIN_WAIT2);
  sk.shutdown |= SEND_SHUTDOWN;
  if (!sk.dead) {
    sk.stateChange();
    return GO_ON;
  }
  if (sk.settings.linger2 < 0 || hasNewData(sk, skb)) {
    tcpDone(sk);
    tcp.mib.ext[TcpExt.TCPAbortOnData]++;
    return DropReason.TCP_ABORT_ON_DATA;
  }
  const time = tcpFinTime(sk);
  if (time > TCP_TIMEWAIT_LEN) resetKeepaliveTimer(sk, time - TCP_TIMEWAIT_LEN);
  else if ((skb.cb[FLAGS] & th.FIN) !== 0) resetKeepaliveTimer(sk, time);
  else {
    tcpTimeWait(sk, TCP_FIN_WAIT2, time);
    skb.consume();
    return 0;
  }
  return GO_ON;
}

/** Data beyond what was received, not counting FIN. */
function hasNewData(sk: TcpSock, skb: SkBuff): boolean {
  const { cb } = skb;
  const fin = (cb[FLAGS] & th.FIN) !== 0 ? 1 : 0;
  return cb[END_SEQ] !== cb[SEQ] && after((cb[END_SEQ] - fin) | 0, sk.rcv.nxt);
}

/** The segment's data. */
function text(sk: TcpSock, skb: SkBuff): number {
  if (sk.urgent !== null || (skb.cb[FLAGS] & th.URG) !== 0) tcpUrg(sk, skb);
  switch (sk.state) {
    case TCP_CLOSE_WAIT:
    case TCP_CLOSING:
    case TCP_LAST_ACK:
      if (!before(skb.cb[SEQ], sk.rcv.nxt)) {
        skb.consume();
        break;
      }
      if (abortOnData(sk, skb)) return DropReason.TCP_ABORT_ON_DATA;
      tcpDataQueue(sk, skb);
      break;
    case TCP_FIN_WAIT1:
    case TCP_FIN_WAIT2:
      if (abortOnData(sk, skb)) return DropReason.TCP_ABORT_ON_DATA;
      tcpDataQueue(sk, skb);
      break;
    default:
      tcpDataQueue(sk, skb);
  }
  if (sk.state !== TCP_CLOSE) {
    tcpDataSndCheck(sk);
    tcpAckSndCheck(sk);
  }
  return 0;
}

/** Data that nobody will read, or behind a FIN, are answered with a reset. @rfc 1122 4.2.2.13 */
function abortOnData(sk: TcpSock, skb: SkBuff): boolean {
  if ((sk.shutdown & RCV_SHUTDOWN) === 0 || !hasNewData(sk, skb)) return false;
  sk.tcp.mib.ext[TcpExt.TCPAbortOnData]++;
  tcpReset(sk);
  return true;
}

function drop(skb: SkBuff, reason: number): number {
  skb.drop(reason);
  return 0;
}
