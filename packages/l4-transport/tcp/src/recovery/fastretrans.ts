import {
  ICSK_TIME_RETRANS,
  TCP_CA_CWR,
  TCP_CA_Disorder,
  TCP_CA_Loss,
  TCP_CA_Open,
  TCP_CA_Recovery,
} from '../constants.ts';
import { tcpIsReno } from '../flight.ts';
import {
  FLAG_DATA_SACKED,
  FLAG_ECE,
  FLAG_LOST_RETRANS,
  FLAG_ORIG_SACK_ACKED,
  FLAG_SACK_RENEGING,
  FLAG_SET_XMIT_TIMER,
  FLAG_SND_UNA_ADVANCED,
  REXMIT_LOST,
  REXMIT_NEW,
  REXMIT_NONE,
} from '../input/flags.ts';
import { tcpMtupProbeLost } from '../mtu/result.ts';
import { after, before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { tcpResetXmitTimer } from '../rto.ts';
import { tcpWndEnd } from '../win.ts';
import { tcpEndCwndReduction, tcpEnterCwr, tcpSetCaState } from './cwr.ts';
import { tcpEnterRecovery } from './enter.ts';
import { tcpRetransStampCleanup } from './mark-lost.ts';
import { tcpRackMarkLost } from './rack.ts';
import { tcpAddRenoSack, tcpNewrenoMarkLost, tcpResetRenoSack } from './reno.ts';
import { tcpTryKeepOpen, tcpTryUndoDsack, tcpTryUndoLoss, tcpTryUndoPartial, tcpTryUndoRecovery } from './undo.ts';

/** Marks what the ACK proves lost; returns the flags as changed. @kernel net/ipv4/tcp_input.c tcp_identify_packet_loss() */
function tcpIdentifyPacketLoss(sk: TcpSock, flag: number): number {
  if (sk.rtxQueue.empty) return flag;
  if (tcpIsReno(sk)) {
    tcpNewrenoMarkLost(sk, (flag & FLAG_SND_UNA_ADVANCED) !== 0);
    return flag;
  }
  const before = sk.loss.retransOut;
  let now = flag;
  if (tcpRackMarkLost(sk)) now &= ~FLAG_SET_XMIT_TIMER;
  if (before > sk.loss.retransOut) now |= FLAG_LOST_RETRANS;
  return now;
}

/** The peer threw away what it had SACKED: time out soon. @kernel net/ipv4/tcp_input.c tcp_check_sack_reneging() */
function tcpCheckSackReneging(sk: TcpSock, flag: number): boolean {
  if ((flag & FLAG_SACK_RENEGING) === 0 || (flag & FLAG_SND_UNA_ADVANCED) === 0) return false;
  tcpResetXmitTimer(sk, ICSK_TIME_RETRANS, Math.max(Math.ceil((sk.rtt.srtt >>> 4) / 1000), 10));
  return true;
}

/** @kernel net/ipv4/tcp_input.c tcp_try_to_open() */
function tcpTryToOpen(sk: TcpSock, flag: number): void {
  tcpRetransStampCleanup(sk);
  if ((flag & FLAG_ECE) !== 0) tcpEnterCwr(sk);
  if (sk.cc.state !== TCP_CA_CWR) tcpTryKeepOpen(sk);
}

/** An ACK in Loss: was the time-out spurious, is it over? Returns REXMIT_*. @kernel net/ipv4/tcp_input.c tcp_process_loss() @rfc 5682 3.1 */
function tcpProcessLoss(sk: TcpSock, flag: number, duplicates: number): number {
  const { snd, loss } = sk;
  const advanced = (flag & FLAG_SND_UNA_ADVANCED) !== 0;
  const recovered = !before(snd.una, loss.highSeq);
  if (advanced && tcpTryUndoLoss(sk, false)) return REXMIT_NONE;
  if (loss.frto) {
    if ((flag & FLAG_ORIG_SACK_ACKED) !== 0 && tcpTryUndoLoss(sk, true)) return REXMIT_NONE;
    if (after(snd.nxt, loss.highSeq)) {
      if ((flag & FLAG_DATA_SACKED) !== 0 || duplicates > 0) loss.frto = false; // the loss was real
    } else if (advanced && !recovered) {
      loss.highSeq = snd.nxt;
      if (sk.hasUnsent && after(tcpWndEnd(sk), snd.nxt)) return REXMIT_NEW; // new data will tell
      loss.frto = false;
    }
  }
  if (recovered) {
    tcpTryUndoRecovery(sk);
    return REXMIT_NONE;
  }
  if (tcpIsReno(sk)) {
    if (after(snd.nxt, loss.highSeq)) tcpAddRenoSack(sk, duplicates);
    else if (advanced) tcpResetRenoSack(sk);
  }
  return REXMIT_LOST;
}

/** Whether the ACK ends the state. True when nothing else is to be done. */
function leaveState(sk: TcpSock): boolean {
  const { cc, snd, loss } = sk;
  if (cc.state === TCP_CA_Open) {
    sk.loss.retransPending = false;
    return false;
  }
  if (before(snd.una, loss.highSeq)) return false;
  if (cc.state === TCP_CA_CWR && snd.una !== loss.highSeq) {
    tcpEndCwndReduction(sk);
    tcpSetCaState(sk, TCP_CA_Open);
  } else if (cc.state === TCP_CA_Recovery) {
    if (tcpIsReno(sk)) tcpResetRenoSack(sk);
    if (tcpTryUndoRecovery(sk)) return true;
    tcpEndCwndReduction(sk);
  }
  return false;
}

/**
 * An ACK that is not plain progress: decides among Open, Disorder, CWR, Recovery and Loss, and marks what is lost.
 * Leaves what to send in `sk.tcp.rexmit` and returns the flags as changed.
 *
 * @kernel net/ipv4/tcp_input.c tcp_fastretrans_alert() @rfc 5681 3.2 @rfc 6675 5
 */
export function tcpFastretransAlert(sk: TcpSock, priorUna: number, duplicates: number, flags: number): number {
  const { cc, tcp, loss } = sk;
  let flag = flags;
  if (sk.snd.packetsOut === 0 && loss.sackedOut !== 0) loss.sackedOut = 0;
  if ((flag & FLAG_ECE) !== 0) loss.priorSsthresh = 0; // the reduction is due, whatever else proves needless
  if (tcpCheckSackReneging(sk, flag)) return flag & ~FLAG_SET_XMIT_TIMER;
  if (leaveState(sk)) return flag;
  const advanced = (flag & FLAG_SND_UNA_ADVANCED) !== 0;
  if (cc.state === TCP_CA_Recovery) {
    if (!advanced) {
      if (tcpIsReno(sk)) tcpAddRenoSack(sk, duplicates);
    } else if (tcpTryUndoPartial(sk, priorUna)) return flag;
    if (tcpTryUndoDsack(sk)) tcpTryToOpen(sk, flag);
    flag = tcpIdentifyPacketLoss(sk, flag);
    if ((cc.state as number) !== TCP_CA_Recovery) {
      if (loss.lostOut === 0) return flag;
      tcpEnterRecovery(sk, (flag & FLAG_ECE) !== 0);
    }
    tcp.rexmit = REXMIT_LOST;
    return flag;
  }
  if (cc.state === TCP_CA_Loss) {
    tcp.rexmit = tcpProcessLoss(sk, flag, duplicates);
    flag = tcpIdentifyPacketLoss(sk, flag);
    if ((cc.state as number) !== TCP_CA_Open && (flag & FLAG_LOST_RETRANS) === 0) return flag;
  }
  return openOrDisorder(sk, flag, duplicates, advanced);
}

function openOrDisorder(sk: TcpSock, flags: number, duplicates: number, advanced: boolean): number {
  const { cc, loss } = sk;
  if (tcpIsReno(sk)) {
    if (advanced) tcpResetRenoSack(sk);
    tcpAddRenoSack(sk, duplicates);
  }
  if (cc.state <= TCP_CA_Disorder) tcpTryUndoDsack(sk);
  const flag = tcpIdentifyPacketLoss(sk, flags);
  if (loss.lostOut === 0) {
    tcpTryToOpen(sk, flag);
    return flag;
  }
  if (sk.mtup !== null && tcpMtupProbeLost(sk, sk.mtup)) return flag;
  tcpEnterRecovery(sk, (flag & FLAG_ECE) !== 0);
  sk.tcp.rexmit = REXMIT_LOST;
  return flag;
}
