import { ip, tcp as th, type SkBuff } from '@stack/skb';
import { END_SEQ, FLAGS, SEQ } from '../cb.ts';
import { CA_EVENT_ECN_IS_CE, CA_EVENT_ECN_NO_CE } from '../congestion/ops.ts';
import { ICSK_ACK_NOW } from '../constants.ts';
import { tcpEnterQuickackMode } from '../input/quickack.ts';
import { TcpExt } from '../mib.ts';
import type { TcpSock } from '../sock.ts';
import { INET_ECN_CE, INET_ECN_MASK, INET_ECN_NOT_ECT } from './codepoints.ts';
import { ECN_CLASSIC, tcpCaNeedsEcn, type EcnState } from './ecn-state.ts';

/** ACKs that go out at once after a mark: the peer's window may be very small. */
const ACKS_AFTER_MARK = 2;

/** Looks at the ECN field of data that came. @kernel net/ipv4/tcp_input.c tcp_data_ecn_check() @rfc 3168 6.1.3 */
export function tcpDataEcnCheck(sk: TcpSock, ecn: EcnState, skb: SkBuff): void {
  const field = ip.tos(skb) & INET_ECN_MASK;
  if (field === INET_ECN_NOT_ECT) {
    // Others were capable: so this one is a retransmission, and its sender waits.
    if (ecn.seen) tcpEnterQuickackMode(sk, ACKS_AFTER_MARK);
    return;
  }
  const marked = field === INET_ECN_CE;
  if (tcpCaNeedsEcn(sk)) sk.cc.ops.cwndEvent?.(sk, marked ? CA_EVENT_ECN_IS_CE : CA_EVENT_ECN_NO_CE);
  if (ecn.mode !== ECN_CLASSIC) return;
  ecn.seen = true;
  if (!marked || ecn.demandCwr) return;
  tcpEnterQuickackMode(sk, ACKS_AFTER_MARK);
  ecn.demandCwr = true;
}

/** The peer reduced its window: no need to say ECE any more. On pure ACKs, too: many senders put it there. @kernel include/net/tcp_ecn.h tcp_ecn_accept_cwr() */
export function tcpEcnAcceptCwr(sk: TcpSock, ecn: EcnState, skb: SkBuff): void {
  const { cb } = skb;
  if (ecn.mode !== ECN_CLASSIC || (cb[FLAGS] & th.CWR) === 0) return;
  ecn.demandCwr = false;
  if (cb[SEQ] !== cb[END_SEQ]) sk.ack.pending |= ICSK_ACK_NOW; // its window may be one segment
}

/** Whether an ACK tells of a mark on what we sent. @kernel net/ipv4/tcp_input.c tcp_ecn_rcv_ecn_echo() */
export function tcpEcnRcvEcnEcho(ecn: EcnState, skb: SkBuff): boolean {
  return ecn.mode === ECN_CLASSIC && (skb.cb[FLAGS] & (th.ECE | th.SYN)) === th.ECE;
}

/** `count` segments were acknowledged with ECE. @kernel net/ipv4/tcp_input.c tcp_count_delivered_ce() */
export function tcpCountDeliveredCe(sk: TcpSock, ecn: EcnState, count: number): void {
  ecn.deliveredCe += count;
  sk.tcp.mib.ext[TcpExt.TCPDeliveredCE] += count;
}
