import { ip, tcp as th, type SkBuff } from '@stack/skb';
import type { TcpRequestSock } from '../listen/request-sock.ts';
import type { TcpSock } from '../sock.ts';
import { INET_ECN_MASK, INET_ECN_NOT_ECT } from './codepoints.ts';
import { ECN_CLASSIC, EcnState, tcpCaNeedsEcn } from './ecn-state.ts';

/** A SYN may ask for ECN. One that is itself ECN-capable is suspect, unless our congestion control lives by it. @kernel net/ipv4/tcp_input.c tcp_ecn_create_request() @rfc 3168 6.1.1 */
export function tcpEcnCreateRequest(request: TcpRequestSock, skb: SkBuff): void {
  const { listener } = request;
  const asked = th.ECE | th.CWR;
  if ((th.flags(skb) & asked) !== asked) return;
  const capable = (ip.tos(skb) & INET_ECN_MASK) !== INET_ECN_NOT_ECT;
  const odd = capable && (th.flags(skb) & th.AE) === 0;
  request.ecnOk = (listener.tcp.sysctl.tcp_ecn !== 0 && !odd) || tcpCaNeedsEcn(listener);
}

/** Flags with which SYN-ACK accepts. @kernel include/net/tcp_ecn.h tcp_ecn_make_synack() */
export function tcpEcnMakeSynack(request: TcpRequestSock): number {
  return request.ecnOk ? th.ECE : 0;
}

/** The connection begins with what was agreed. @kernel net/ipv4/tcp_minisocks.c tcp_ecn_openreq_child() */
export function tcpEcnOpenreqChild(sk: TcpSock, request: TcpRequestSock): void {
  if (request.ecnOk) sk.ecn = new EcnState(ECN_CLASSIC);
}
