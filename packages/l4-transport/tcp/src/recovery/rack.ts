import type { SkBuff } from '@stack/skb';
import { END_SEQ, SACKED, TCPCB_LOST, TCPCB_RETRANS, TCPCB_SACKED_ACKED, TCPCB_SACKED_RETRANS, TX_US } from '../cb.ts';
import { ICSK_TIME_REO_TIMEOUT, TCP_CA_Recovery, TCP_TIMEOUT_MIN } from '../constants.ts';
import { after, before } from '../seq.ts';
import { resetXmitTimer } from '../timers/arm.ts';
import type { TcpSock } from '../sock.ts';
import { tcpMarkSkbLost } from './mark-lost.ts';
import type { RateSample } from './rate-sample.ts';
import { tcpMinRtt } from './rate.ts';

const TCP_RACK_STATIC_REO_WND = 2;
const TCP_RACK_NO_DUPTHRESH = 4;
const TCP_RACK_RECOVERY_THRESH = 16;

/** Whether a buffer was sent after another; at the same microsecond, the order is that of the bytes. @kernel net/ipv4/tcp_recovery.c tcp_rack_sent_after() */
function sentAfter(time: number, time2: number, end: number, end2: number): boolean {
  const delta = (time - time2) | 0;
  return delta > 0 || (delta === 0 && after(end, end2));
}

/** How long what was sent earlier may still be under way, in microseconds. @kernel net/ipv4/tcp_recovery.c tcp_rack_reo_wnd() @rfc 8985 6.2 */
function tcpRackReoWnd(sk: TcpSock): number {
  const { cc, loss } = sk;
  if (loss.reordSeen === 0) {
    if (cc.state >= TCP_CA_Recovery) return 0;
    if (loss.sackedOut >= cc.reordering && (sk.tcp.sysctl.tcp_recovery & TCP_RACK_NO_DUPTHRESH) === 0) return 0;
  }
  return Math.min((tcpMinRtt(sk) >> 2) * loss.rackReoWndSteps, sk.rtt.srtt >>> 3);
}

/** Microseconds until a buffer counts as lost; 0 and less: now. @kernel net/ipv4/tcp_recovery.c tcp_rack_skb_timeout() */
export function tcpRackSkbTimeout(sk: TcpSock, skb: SkBuff, reoWnd: number): number {
  return sk.loss.rackRttUs + reoWnd - ((sk.tcp.us - skb.cb[TX_US]) | 0);
}

/**
 * What was sent sufficiently long before something that was delivered is lost. Returns microseconds until the next
 * one may be, 0 when none waits.
 *
 * @kernel net/ipv4/tcp_recovery.c tcp_rack_detect_loss() @rfc 8985 6.2
 */
export function tcpRackDetectLoss(sk: TcpSock): number {
  const { loss } = sk;
  const reoWnd = tcpRackReoWnd(sk);
  let timeout = 0;
  for (let skb = sk.rtxQueue.first; skb !== null; skb = skb.next) {
    const { cb } = skb;
    const sacked = cb[SACKED];
    if ((sacked & TCPCB_SACKED_ACKED) !== 0) continue;
    if ((sacked & TCPCB_LOST) !== 0 && (sacked & TCPCB_SACKED_RETRANS) === 0) continue;
    if (!sentAfter(loss.rackUs, cb[TX_US], loss.rackEndSeq, cb[END_SEQ])) continue;
    const left = tcpRackSkbTimeout(sk, skb, reoWnd);
    if (left <= 0) tcpMarkSkbLost(sk, skb);
    else timeout = Math.max(timeout, left);
  }
  return timeout;
}

/** True when the reordering timer was armed instead. @kernel net/ipv4/tcp_recovery.c tcp_rack_mark_lost() */
export function tcpRackMarkLost(sk: TcpSock): boolean {
  if (!sk.loss.rackAdvanced) return false;
  sk.loss.rackAdvanced = false;
  const timeout = tcpRackDetectLoss(sk);
  if (timeout === 0) return false;
  resetXmitTimer(sk, ICSK_TIME_REO_TIMEOUT, Math.ceil(timeout / 1000) + TCP_TIMEOUT_MIN, sk.rtt.rto);
  return true;
}

/** A buffer was delivered: remember the one sent last. @kernel net/ipv4/tcp_recovery.c tcp_rack_advance() @rfc 8985 6.2 */
export function tcpRackAdvance(sk: TcpSock, sacked: number, end: number, sentUs: number): void {
  const { loss } = sk;
  const rtt = (sk.tcp.us - sentUs) | 0;
  // Too fast for a retransmission: it was the original that arrived.
  if (rtt < tcpMinRtt(sk) && (sacked & TCPCB_RETRANS) !== 0) return;
  loss.rackAdvanced = true;
  loss.rackRttUs = rtt;
  if (sentAfter(sentUs, loss.rackUs, end, loss.rackEndSeq)) {
    loss.rackUs = sentUs;
    loss.rackEndSeq = end;
  }
}

/** DSACKs tell that the wait was too short. @kernel net/ipv4/tcp_recovery.c tcp_rack_update_reo_wnd() @rfc 8985 6.2 */
export function tcpRackUpdateReoWnd(sk: TcpSock, rs: RateSample): void {
  const { cc, loss } = sk;
  if ((sk.tcp.sysctl.tcp_recovery & TCP_RACK_STATIC_REO_WND) !== 0 || !rs.hasPrior) return;
  if (before(rs.priorDelivered, loss.rackLastDelivered)) loss.rackDsackSeen = false;
  if (loss.rackDsackSeen) {
    loss.rackReoWndSteps = Math.min(loss.rackReoWndSteps + 1, 255);
    loss.rackDsackSeen = false;
    loss.rackLastDelivered = cc.delivered;
    loss.rackReoWndPersist = TCP_RACK_RECOVERY_THRESH;
  } else if (loss.rackReoWndPersist === 0) {
    loss.rackReoWndSteps = 1;
  }
}
