import type { SkBuff } from '@stack/skb';
import { skWmemQueuedSub } from '@stack/sock';
import { TCPCB_LOST, TCPCB_SACKED_ACKED, TCPCB_SACKED_RETRANS, SACKED } from './cb.ts';
import { TCP_CA_CWR, TCP_CA_Recovery } from './constants.ts';
import type { TcpSock } from './sock.ts';

/** Segments that have left the network: SACKed or lost. @kernel include/net/tcp.h tcp_left_out() */
export function tcpLeftOut(sk: TcpSock): number {
  return sk.loss.sackedOut + sk.loss.lostOut;
}

/** Segments thought to be in the network. @kernel include/net/tcp.h tcp_packets_in_flight() @rfc 6675 4 */
export function tcpPacketsInFlight(sk: TcpSock): number {
  return sk.snd.packetsOut - tcpLeftOut(sk) + sk.loss.retransOut;
}

/** @kernel include/net/tcp.h tcp_in_slow_start() @rfc 5681 3.1 */
export function tcpInSlowStart(sk: TcpSock): boolean {
  return sk.cc.cwnd < sk.cc.ssthresh;
}

/** @kernel include/net/tcp.h tcp_in_cwnd_reduction() */
export function tcpInCwndReduction(sk: TcpSock): boolean {
  return sk.cc.state === TCP_CA_CWR || sk.cc.state === TCP_CA_Recovery;
}

/** Threshold to remember across an idle time: three quarters of the window at least. @kernel include/net/tcp.h tcp_current_ssthresh() */
export function tcpCurrentSsthresh(sk: TcpSock): number {
  const { cc } = sk;
  if (tcpInCwndReduction(sk)) return cc.ssthresh;
  return Math.max(cc.ssthresh, (cc.cwnd >> 1) + (cc.cwnd >> 2));
}

export function tcpIsReno(sk: TcpSock): boolean {
  return sk.opt.sackOk === 0;
}

/** End of what has been SACKed. @kernel include/net/tcp.h tcp_highest_sack_seq() */
export function tcpHighestSackSeq(sk: TcpSock): number {
  return sk.loss.sackedOut === 0 ? sk.snd.una : sk.loss.highSackSeq;
}

/** `decrease` segments fewer in a buffer that is in flight. @kernel net/ipv4/tcp_output.c tcp_adjust_pcount() */
export function tcpAdjustPcount(sk: TcpSock, skb: SkBuff, decrease: number): void {
  const { loss } = sk;
  const sacked = skb.cb[SACKED];
  sk.snd.packetsOut -= decrease;
  if ((sacked & TCPCB_SACKED_ACKED) !== 0) loss.sackedOut -= decrease;
  if ((sacked & TCPCB_SACKED_RETRANS) !== 0) loss.retransOut -= decrease;
  if ((sacked & TCPCB_LOST) !== 0) loss.lostOut -= decrease;
  if (tcpIsReno(sk) && decrease > 0) loss.sackedOut -= Math.min(loss.sackedOut, decrease);
}

/** Gives back a buffer of the send queues. It is in none of them any more. @kernel include/net/sock.h sk_wmem_free_skb() */
export function skWmemFreeSkb(sk: TcpSock, skb: SkBuff): void {
  skWmemQueuedSub(sk, skb.truesize);
  skb.consume();
}

/** Takes a buffer off the retransmission queue, and hints with it. @kernel include/net/tcp.h tcp_rtx_queue_unlink() */
export function tcpRtxQueueUnlink(sk: TcpSock, skb: SkBuff): void {
  if (sk.loss.retransmitHint === skb) sk.loss.retransmitHint = null;
  if (sk.loss.sackHint === skb) sk.loss.sackHint = null;
  sk.rtxQueue.remove(skb);
}

/** @kernel include/net/tcp.h tcp_rtx_queue_unlink_and_free() */
export function tcpRtxQueueUnlinkAndFree(sk: TcpSock, skb: SkBuff): void {
  tcpRtxQueueUnlink(sk, skb);
  skWmemFreeSkb(sk, skb);
}
