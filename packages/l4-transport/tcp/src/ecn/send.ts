import { tcp as th } from '@stack/skb';
import { FLAGS, SEQ } from '../cb.ts';
import { before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { INET_ECN_ECT_0, INET_ECN_NOT_ECT } from './codepoints.ts';
import { tcpCaNeedsEcn, type EcnState } from './ecn-state.ts';

/** Data sent for the first time: neither a retransmission nor a probe. */
function isFresh(sk: TcpSock, cb: Int32Array, bytes: number): boolean {
  return bytes > 0 && !before(cb[SEQ], sk.snd.nxt);
}

/** The ECN field of a segment: only new data may be marked, since only then does the mark slow down who sent it. @kernel net/ipv4/tcp_output.c tcp_ecn_send() @rfc 3168 6.1.4 @rfc 3168 6.1.5 */
export function tcpEcnField(sk: TcpSock, cb: Int32Array, bytes: number): number {
  if (tcpCaNeedsEcn(sk)) return INET_ECN_ECT_0;
  if (sk.ecn === null || (cb[FLAGS] & th.SYN) !== 0) return INET_ECN_NOT_ECT;
  return isFresh(sk, cb, bytes) ? INET_ECN_ECT_0 : INET_ECN_NOT_ECT;
}

/** Header flags that a segment, no SYN, gets for ECN: ECE while a mark is not answered, CWR once after a reduction. @kernel net/ipv4/tcp_output.c tcp_ecn_send() @rfc 3168 6.1.2 */
export function tcpEcnFlags(sk: TcpSock, ecn: EcnState, cb: Int32Array, bytes: number): number {
  let flags = ecn.demandCwr ? th.ECE : 0;
  if (ecn.queueCwr && isFresh(sk, cb, bytes)) {
    ecn.queueCwr = false;
    flags |= th.CWR;
  }
  return flags;
}

/** The window was reduced: the peer is told with the next new data. @kernel include/net/tcp_ecn.h tcp_ecn_queue_cwr() */
export function tcpEcnQueueCwr(sk: TcpSock): void {
  if (sk.ecn !== null) sk.ecn.queueCwr = true;
}

/** The reduction was taken back. @kernel include/net/tcp_ecn.h tcp_ecn_withdraw_cwr() */
export function tcpEcnWithdrawCwr(sk: TcpSock): void {
  if (sk.ecn !== null) sk.ecn.queueCwr = false;
}
