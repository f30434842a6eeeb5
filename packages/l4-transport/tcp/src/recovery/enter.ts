import { SACKED, TCPCB_SACKED_ACKED } from '../cb.ts';
import { TCP_CA_Disorder, TCP_CA_Loss, TCP_CA_Recovery } from '../constants.ts';
import { CA_EVENT_LOSS } from '../congestion/ops.ts';
import { tcpEcnQueueCwr } from '../ecn/send.ts';
import { tcpCurrentSsthresh, tcpInCwndReduction, tcpIsReno, tcpPacketsInFlight } from '../flight.ts';
import { TcpExt } from '../mib.ts';
import { after } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { tcpInitCwndReduction, tcpSetCaState } from './cwr.ts';
import { tcpMarkSkbLost, tcpRetransStampCleanup } from './mark-lost.ts';
import { tcpRackSkbTimeout } from './rack.ts';
import { tcpResetRenoSack } from './reno.ts';
import { tcpInitUndo } from './undo.ts';

/** Fast recovery begins. A reduction that a congestion mark asks for too is never undone. @kernel net/ipv4/tcp_input.c tcp_enter_recovery() @rfc 6675 5 */
export function tcpEnterRecovery(sk: TcpSock, marked: boolean): void {
  const { loss } = sk;
  tcpRetransStampCleanup(sk);
  sk.tcp.mib.ext[tcpIsReno(sk) ? TcpExt.TCPRenoRecovery : TcpExt.TCPSackRecovery]++;
  loss.priorSsthresh = 0;
  tcpInitUndo(sk);
  if (!tcpInCwndReduction(sk)) {
    if (!marked) loss.priorSsthresh = tcpCurrentSsthresh(sk);
    tcpInitCwndReduction(sk);
  }
  tcpSetCaState(sk, TCP_CA_Recovery);
}

/** A time-out: all is lost, but for what was sent only just now. @kernel net/ipv4/tcp_input.c tcp_timeout_mark_lost() */
function tcpTimeoutMarkLost(sk: TcpSock): void {
  const { loss } = sk;
  const head = sk.rtxQueue.first;
  const reneged = head !== null && (head.cb[SACKED] & TCPCB_SACKED_ACKED) !== 0;
  if (reneged) {
    sk.tcp.mib.ext[TcpExt.TCPSACKReneging]++;
    loss.sackedOut = 0;
  } else if (tcpIsReno(sk)) {
    tcpResetRenoSack(sk);
  }
  for (let skb = head; skb !== null; skb = skb.next) {
    if (reneged) skb.cb[SACKED] &= ~TCPCB_SACKED_ACKED;
    else if (skb !== head && tcpRackSkbTimeout(sk, skb, 0) > 0) continue;
    tcpMarkSkbLost(sk, skb);
  }
  sk.loss.retransmitHint = null;
}

/** The retransmission timer expired. @kernel net/ipv4/tcp_input.c tcp_enter_loss() @rfc 5681 3.1 */
export function tcpEnterLoss(sk: TcpSock): void {
  const { cc, rtt, tcp, loss } = sk;
  const fresh = cc.state < TCP_CA_Recovery;
  tcpTimeoutMarkLost(sk);
  if (
    cc.state <= TCP_CA_Disorder ||
    !after(loss.highSeq, sk.snd.una) ||
    (cc.state === TCP_CA_Loss && rtt.retransmits === 0)
  ) {
    loss.priorSsthresh = tcpCurrentSsthresh(sk);
    loss.priorCwnd = cc.cwnd;
    cc.ssthresh = cc.ops.ssthresh(sk);
    cc.ops.cwndEvent?.(sk, CA_EVENT_LOSS);
    tcpInitUndo(sk);
  }
  cc.cwnd = tcpPacketsInFlight(sk) + 1;
  cc.cwndCnt = 0;
  cc.cwndStamp = tcp.jiffies;
  if (cc.state <= TCP_CA_Disorder && loss.sackedOut >= cc.reordering)
    cc.reordering = Math.min(cc.reordering, tcp.sysctl.tcp_reordering);
  tcpSetCaState(sk, TCP_CA_Loss);
  loss.highSeq = sk.snd.nxt;
  loss.tlpHighSeq = 0;
  tcpEcnQueueCwr(sk);
  loss.frto = tcp.sysctl.tcp_frto !== 0 && (fresh || rtt.retransmits > 0);
}
