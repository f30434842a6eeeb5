import { ip, tcp as th, type SkBuff } from '@stack/skb';
import { FLAGS } from '../cb.ts';
import type { TcpRequestSock } from '../listen/request-sock.ts';
import type { TcpSock } from '../sock.ts';
import { AccurateEcn, OPT_COUNTER_SEEN, tcpAccecnAce, tcpAccecnSawOption } from './accurate-state.ts';
import { optionInitAt } from './accurate-option.ts';
import { tcpEcnReceivedCounters } from './counters.ts';
import { INET_ECN_ECT_0, INET_ECN_MASK, INET_ECN_NOT_ECT } from './codepoints.ts';
import { ECN_ACCURATE, ECN_CLASSIC, EcnState, tcpCaNeedsEcn } from './ecn-state.ts';
import { tcpAccecnReflectorFlags, tcpAccecnSynRequested, tcpAccecnThirdAck } from './handshake.ts';

/** The least value of `tcp_ecn` with which accurate feedback is accepted. */
const ACCEPT_ACCURATE = 3;

/** A SYN may ask for ECN. One that is itself ECN-capable is suspect, unless our congestion control lives by it. @kernel net/ipv4/tcp_input.c tcp_ecn_create_request() @rfc 3168 6.1.1 */
export function tcpEcnCreateRequest(request: TcpRequestSock, skb: SkBuff): void {
  const { listener } = request;
  const { tcp_ecn: mode } = listener.tcp.sysctl;
  const flags = th.flags(skb);
  const field = ip.tos(skb) & INET_ECN_MASK;
  if (mode >= ACCEPT_ACCURATE && tcpAccecnSynRequested(flags)) {
    request.ecnOk = true;
    request.accurate = new AccurateEcn();
    request.accurate.synReceived = field;
    return;
  }
  const asked = th.ECE | th.CWR;
  if ((flags & asked) !== asked) return;
  const odd = field !== INET_ECN_NOT_ECT && (flags & th.AE) === 0;
  request.ecnOk = ((mode !== 0 || request.route?.metrics.ecn === true) && !odd) || tcpCaNeedsEcn(listener);
}

/** Flags with which SYN-ACK accepts. @kernel include/net/tcp_ecn.h tcp_ecn_make_synack() */
export function tcpEcnMakeSynack(request: TcpRequestSock): number {
  const { accurate, listener } = request;
  if (accurate === null) return request.ecnOk ? th.ECE : 0;
  accurate.synSent = tcpCaNeedsEcn(listener) ? INET_ECN_ECT_0 : INET_ECN_NOT_ECT;
  return tcpAccecnReflectorFlags(accurate.synReceived);
}

/** The option of the last ACK of the handshake, at `at` from its header (0: none). @kernel net/ipv4/tcp_minisocks.c tcp_check_req() */
export function tcpEcnThirdAckOption(request: TcpRequestSock, skb: SkBuff, at: number): void {
  const { accurate } = request;
  if (accurate === null || at === 0 || accurate.optionSeen >= OPT_COUNTER_SEEN) return;
  tcpAccecnSawOption(accurate, optionInitAt(skb, at));
}

/** A SYN cookie said that there is ECN; which kind shows in the ACK that brought it. @kernel include/net/tcp_ecn.h cookie_accecn_ok() @rfc 9768 5.1 */
export function tcpEcnFromCookie(request: TcpRequestSock, skb: SkBuff): void {
  request.ecnOk = request.listener.tcp.sysctl.tcp_ecn !== 0;
  if (request.ecnOk && tcpAccecnAce(skb.cb[FLAGS]) > 1) request.accurate = new AccurateEcn();
}

/** The connection begins with what was agreed; `skb` is the last ACK of the handshake. @kernel net/ipv4/tcp_minisocks.c tcp_ecn_openreq_child() */
export function tcpEcnOpenreqChild(sk: TcpSock, request: TcpRequestSock, skb: SkBuff): void {
  if (!request.ecnOk) return;
  const { accurate } = request;
  const ecn = (sk.ecn = new EcnState(accurate === null ? ECN_CLASSIC : ECN_ACCURATE));
  if (accurate === null) return;
  ecn.accurate = accurate;
  tcpAccecnThirdAck(sk, ecn, accurate, skb);
  accurate.previousField = accurate.synReceived;
  accurate.demand = 1;
  tcpEcnReceivedCounters(sk, skb, skb.len - th.headerLength(skb));
}
