import { ip, tcp as th, type SkBuff } from '@stack/skb';
import { ACCECN_AT, FLAGS } from '../cb.ts';
import type { TcpSock } from '../sock.ts';
import { tcpAccecnOptionInit } from './accurate-option.ts';
import { AccurateEcn, OPT_COUNTER_SEEN, tcpAccecnAce, tcpAccecnSawOption } from './accurate-state.ts';
import { INET_ECN_CE, INET_ECN_ECT_0, INET_ECN_MASK, INET_ECN_NOT_ECT } from './codepoints.ts';
import { ECN_ACCURATE, ECN_CLASSIC, ECN_PENDING, EcnState, tcpCaNeedsEcn } from './ecn-state.ts';
import { tcpAccecnReflectorFlags, tcpAccecnSynRequested, tcpAccecnValidateSynFeedback } from './handshake.ts';

/** Values of `tcp_ecn` with which our SYN asks for ECN, and for accurate feedback. */
const ASK = (1 << 1) | (1 << 3) | (1 << 4);
const ASK_ACCURATE = 1 << 3;
/** ACKs after the handshake that carry the option, so that the peer sees it. */
const FIRST_OPTIONS = 2;

/** Our SYN asks for ECN, if the host or the congestion control wants it. @kernel include/net/tcp_ecn.h tcp_ecn_send_syn() @rfc 3168 6.1.1 @rfc 9768 3.1.1 */
export function tcpEcnSendSyn(sk: TcpSock, skb: SkBuff): void {
  const wish = 1 << sk.tcp.sysctl.tcp_ecn;
  sk.ecn = null;
  if ((ASK & wish) === 0 && !tcpCaNeedsEcn(sk) && sk.dstCache?.metrics.ecn !== true) return;
  skb.cb[FLAGS] |= th.ECE | th.CWR;
  sk.ecn = new EcnState(ECN_CLASSIC);
  if ((ASK_ACCURATE & wish) === 0) return;
  skb.cb[FLAGS] |= th.AE;
  sk.ecn.mode = ECN_PENDING;
  sk.ecn.accurate = new AccurateEcn();
  sk.ecn.accurate.synSent = tcpCaNeedsEcn(sk) ? INET_ECN_ECT_0 : INET_ECN_NOT_ECT;
}

/** A SYN that got no answer goes out again without the question: some middlebox may not like it. @kernel include/net/tcp_ecn.h tcp_ecn_clear_syn() @rfc 3168 6.1.1.1 */
export function tcpEcnClearSyn(sk: TcpSock, skb: SkBuff): void {
  const asked = th.SYN | th.ECE | th.CWR;
  if ((skb.cb[FLAGS] & asked) === asked && sk.tcp.sysctl.tcp_ecn_fallback) skb.cb[FLAGS] &= ~(th.AE | th.CWR | th.ECE);
}

function asRfc3168(ecn: EcnState): void {
  ecn.mode = ECN_CLASSIC;
  ecn.accurate = null;
}

/** The answer: none of the three bits or all (reflected) mean no, ECE alone RFC 3168. @kernel include/net/tcp_ecn.h tcp_ecn_rcv_synack() @rfc 9768 3.1.1 Table 2 */
export function tcpEcnRcvSynack(sk: TcpSock, skb: SkBuff): void {
  const { ecn } = sk;
  if (ecn === null) return;
  const ace = tcpAccecnAce(th.flags(skb));
  if (ace === 0b001 || ace === 0b101) asRfc3168(ecn);
  else if (ace === 0 || ace === 0b111 || ecn.mode === ECN_CLASSIC) sk.ecn = null;
  else agreed(sk, ecn, ecn.accurate!, skb, ace);
}

function agreed(sk: TcpSock, ecn: EcnState, accurate: AccurateEcn, skb: SkBuff, ace: number): void {
  const field = ip.tos(skb) & INET_ECN_MASK;
  ecn.mode = ECN_ACCURATE;
  accurate.synReceived = field;
  if (skb.cb[ACCECN_AT] !== 0) {
    tcpAccecnSawOption(accurate, tcpAccecnOptionInit(skb));
    accurate.demand = FIRST_OPTIONS;
  }
  if (tcpAccecnValidateSynFeedback(sk, accurate, ace) && field === INET_ECN_CE) {
    accurate.receivedCe++;
    accurate.pendingCe++;
  }
}

/** Both sides sent SYN at once. @kernel net/ipv4/tcp_input.c tcp_ecn_rcv_syn() */
export function tcpEcnRcvSyn(sk: TcpSock, skb: SkBuff): void {
  const { ecn } = sk;
  if (ecn === null) return;
  const flags = th.flags(skb);
  if (ecn.mode === ECN_PENDING && tcpAccecnSynRequested(flags)) {
    ecn.mode = ECN_ACCURATE;
    ecn.accurate!.synReceived = ecn.accurate!.previousField = ip.tos(skb) & INET_ECN_MASK;
    return;
  }
  const asked = th.ECE | th.CWR;
  if ((flags & asked) === asked) asRfc3168(ecn);
  else sk.ecn = null;
}

/** Our SYN becomes SYN-ACK. @kernel include/net/tcp_ecn.h tcp_ecn_send_synack() */
export function tcpEcnSendSynack(sk: TcpSock, skb: SkBuff): void {
  const { ecn } = sk;
  skb.cb[FLAGS] &= ~(th.AE | th.CWR | th.ECE);
  if (ecn === null) return;
  skb.cb[FLAGS] |= ecn.accurate === null ? th.ECE : tcpAccecnReflectorFlags(ecn.accurate.synReceived);
}

/** A SYN in an accurate connection: it or our answer was sent twice. @kernel net/ipv4/tcp_input.c tcp_validate_incoming() */
export function tcpEcnRcvSynAgain(accurate: AccurateEcn, skb: SkBuff): void {
  accurate.synReceived = ip.tos(skb) & INET_ECN_MASK;
  if (skb.cb[ACCECN_AT] === 0 || accurate.optionSeen >= OPT_COUNTER_SEEN) return;
  tcpAccecnSawOption(accurate, tcpAccecnOptionInit(skb));
  accurate.demand = Math.max(accurate.demand, 1);
}
