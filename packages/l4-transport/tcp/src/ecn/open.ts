import { tcp as th, type SkBuff } from '@stack/skb';
import { FLAGS } from '../cb.ts';
import type { TcpSock } from '../sock.ts';
import { ECN_CLASSIC, EcnState, tcpCaNeedsEcn } from './ecn-state.ts';

/** Values of `tcp_ecn` with which our SYN asks for ECN. */
const ASK = (1 << 1) | (1 << 3) | (1 << 4);

/** Our SYN asks for ECN, if the host or the congestion control wants it. @kernel include/net/tcp_ecn.h tcp_ecn_send_syn() @rfc 3168 6.1.1 */
export function tcpEcnSendSyn(sk: TcpSock, skb: SkBuff): void {
  sk.ecn = null;
  if ((ASK & (1 << sk.tcp.sysctl.tcp_ecn)) === 0 && !tcpCaNeedsEcn(sk)) return;
  skb.cb[FLAGS] |= th.ECE | th.CWR;
  sk.ecn = new EcnState(ECN_CLASSIC);
}

/** A SYN that got no answer goes out again without the question: some middlebox may not like it. @kernel include/net/tcp_ecn.h tcp_ecn_clear_syn() @rfc 3168 6.1.1.1 */
export function tcpEcnClearSyn(sk: TcpSock, skb: SkBuff): void {
  const asked = th.SYN | th.ECE | th.CWR;
  if ((skb.cb[FLAGS] & asked) === asked && sk.tcp.sysctl.tcp_ecn_fallback) skb.cb[FLAGS] &= ~(th.AE | th.CWR | th.ECE);
}

/** The answer: ECE alone means yes. @kernel include/net/tcp_ecn.h tcp_ecn_rcv_synack() @rfc 3168 6.1.1 */
export function tcpEcnRcvSynack(sk: TcpSock, skb: SkBuff): void {
  if (sk.ecn !== null && (th.flags(skb) & (th.ECE | th.CWR)) !== th.ECE) sk.ecn = null;
}

/** Both sides sent SYN at once. @kernel net/ipv4/tcp_input.c tcp_ecn_rcv_syn() */
export function tcpEcnRcvSyn(sk: TcpSock, skb: SkBuff): void {
  const asked = th.ECE | th.CWR;
  if (sk.ecn !== null && (th.flags(skb) & asked) !== asked) sk.ecn = null;
}

/** Our SYN becomes SYN-ACK. @kernel include/net/tcp_ecn.h tcp_ecn_send_synack() */
export function tcpEcnSendSynack(sk: TcpSock, skb: SkBuff): void {
  skb.cb[FLAGS] &= ~(th.AE | th.CWR);
  if (sk.ecn === null) skb.cb[FLAGS] &= ~th.ECE;
}
