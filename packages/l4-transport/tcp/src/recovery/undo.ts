import { SACKED, TCPCB_LOST } from '../cb.ts';
import { TCP_CA_Disorder, TCP_CA_Loss, TCP_CA_Open } from '../constants.ts';
import { tcpEcnWithdrawCwr } from '../ecn/send.ts';
import { tcpIsReno, tcpLeftOut } from '../flight.ts';
import { TcpExt } from '../mib.ts';
import { before } from '../seq.ts';
import { TCP_SYN_SENT } from '@stack/sock';
import type { TcpSock } from '../sock.ts';
import { tcpSetCaState } from './cwr.ts';
import { tcpAnyRetransDone, tcpRetransStampCleanup } from './mark-lost.ts';
import { tcpCheckSackReordering } from './reordering.ts';

/** Remembers what is needed to take the reduction back. @kernel net/ipv4/tcp_input.c tcp_init_undo() */
export function tcpInitUndo(sk: TcpSock): void {
  const { loss } = sk;
  loss.undoMarker = sk.snd.una || 1;
  loss.undoRetrans = loss.retransOut;
  if (loss.tlpHighSeq !== 0 && loss.tlpRetrans) loss.undoRetrans++;
  if (loss.undoRetrans === 0) loss.undoRetrans = -1;
}

/** What was acknowledged is the original, not the retransmission: by its time stamp. @kernel net/ipv4/tcp_input.c tcp_packet_delayed() @rfc 3522 */
function tcpPacketDelayed(sk: TcpSock): boolean {
  const { loss } = sk;
  const { ecr } = sk.tcp.heard;
  if (loss.retransPending) return ecr !== 0 && before(ecr, loss.retransStamp);
  if (tcpIsReno(sk) && !before(sk.snd.una, loss.highSeq)) return false; // held in its state: the stamp is forgotten
  return sk.state !== TCP_SYN_SENT; // nothing was retransmitted after all
}

/** @kernel net/ipv4/tcp_input.c tcp_may_undo() */
function tcpMayUndo(sk: TcpSock): boolean {
  const { loss } = sk;
  return loss.undoMarker !== 0 && (loss.undoRetrans === 0 || tcpPacketDelayed(sk));
}

/** The peer answers the first SYN or SYN-ACK: those after it were sent for nothing. @kernel net/ipv4/tcp_input.c tcp_try_undo_spurious_syn() @rfc 8985 */
export function tcpTryUndoSpuriousSyn(sk: TcpSock): void {
  const { loss, tcp } = sk;
  if (loss.undoMarker !== 0 && loss.retransPending && tcp.heard.ecr !== 0 && tcp.heard.ecr === loss.retransStamp)
    loss.undoMarker = 0;
}

/** Takes the reduction back. @kernel net/ipv4/tcp_input.c tcp_undo_cwnd_reduction() */
function tcpUndoCwndReduction(sk: TcpSock, unmarkLoss: boolean): void {
  const { cc, loss } = sk;
  if (unmarkLoss) {
    for (let skb = sk.rtxQueue.first; skb !== null; skb = skb.next) skb.cb[SACKED] &= ~TCPCB_LOST;
    loss.lostOut = 0;
    sk.loss.retransmitHint = null;
  }
  if (loss.priorSsthresh !== 0) {
    cc.cwnd = cc.ops.undoCwnd(sk);
    if (loss.priorSsthresh > cc.ssthresh) {
      cc.ssthresh = loss.priorSsthresh;
      tcpEcnWithdrawCwr(sk);
    }
  }
  cc.cwndStamp = sk.tcp.jiffies;
  loss.undoMarker = 0;
  loss.rackAdvanced = true; // look at losses again
}

/** Without SACK, the state is held until something above `highSeq` is acknowledged, lest old duplicates start it again. @kernel net/ipv4/tcp_input.c tcp_is_non_sack_preventing_reopen() */
function preventsReopen(sk: TcpSock): boolean {
  if (sk.snd.una !== sk.loss.highSeq || !tcpIsReno(sk)) return false;
  tcpRetransStampCleanup(sk);
  return true;
}

/** All that was in flight is acknowledged. True when the state must be held. @kernel net/ipv4/tcp_input.c tcp_try_undo_recovery() */
export function tcpTryUndoRecovery(sk: TcpSock): boolean {
  const { cc, loss } = sk;
  if (tcpMayUndo(sk)) {
    sk.tcp.mib.ext[cc.state === TCP_CA_Loss ? TcpExt.TCPLossUndo : TcpExt.TCPFullUndo]++;
    tcpUndoCwndReduction(sk, false);
  } else if (loss.rackReoWndPersist > 0) {
    loss.rackReoWndPersist--;
  }
  if (preventsReopen(sk)) return true;
  tcpSetCaState(sk, TCP_CA_Open);
  return false;
}

/** Every retransmission was reported as a duplicate. @kernel net/ipv4/tcp_input.c tcp_try_undo_dsack() @rfc 3708 */
export function tcpTryUndoDsack(sk: TcpSock): boolean {
  const { loss } = sk;
  if (loss.undoMarker === 0 || loss.undoRetrans !== 0) return false;
  loss.rackReoWndPersist = Math.min(loss.rackReoWndPersist + 1, 16);
  tcpUndoCwndReduction(sk, false);
  sk.tcp.mib.ext[TcpExt.TCPDSACKUndo]++;
  return true;
}

/** @kernel net/ipv4/tcp_input.c tcp_try_undo_loss() @rfc 5682 */
export function tcpTryUndoLoss(sk: TcpSock, byFrto: boolean): boolean {
  if (!byFrto && !tcpMayUndo(sk)) return false;
  const { ext } = sk.tcp.mib;
  tcpUndoCwndReduction(sk, true);
  ext[TcpExt.TCPLossUndo]++;
  if (byFrto) ext[TcpExt.TCPSpuriousRTOs]++;
  sk.rtt.retransmits = 0;
  if (preventsReopen(sk)) return true;
  if (byFrto || !tcpIsReno(sk)) tcpSetCaState(sk, TCP_CA_Open);
  return true;
}

/** The hole was filled by the original, late. True: retransmissions are still out, so wait. @kernel net/ipv4/tcp_input.c tcp_try_undo_partial() */
export function tcpTryUndoPartial(sk: TcpSock, priorUna: number): boolean {
  if (sk.loss.undoMarker === 0 || !tcpPacketDelayed(sk)) return false;
  tcpCheckSackReordering(sk, priorUna, true);
  if (sk.loss.retransOut > 0) return true;
  tcpRetransStampCleanup(sk);
  tcpUndoCwndReduction(sk, true);
  sk.tcp.mib.ext[TcpExt.TCPPartialUndo]++;
  tcpTryKeepOpen(sk);
  return false;
}

/** Open, or Disorder while anything is SACKed or retransmitted. @kernel net/ipv4/tcp_input.c tcp_try_keep_open() */
export function tcpTryKeepOpen(sk: TcpSock): void {
  const state = tcpLeftOut(sk) > 0 || tcpAnyRetransDone(sk) ? TCP_CA_Disorder : TCP_CA_Open;
  if (sk.cc.state === state) return;
  tcpSetCaState(sk, state);
  sk.loss.highSeq = sk.snd.nxt;
}
