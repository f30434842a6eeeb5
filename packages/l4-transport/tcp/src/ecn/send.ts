import { SKB_GSO_TCP_ACCECN, SKB_GSO_TCP_ECN, tcp as th, type SkBuff } from '@stack/skb';
import { FLAGS, SEQ } from '../cb.ts';
import { before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { INET_ECN_ECT_0, INET_ECN_NOT_ECT } from './codepoints.ts';
import { ACE_FAIL_RECV, ACE_MASK, accurateOf, CEP_INIT_OFFSET, type AccurateEcn } from './accurate-state.ts';
import { ECN_ACCURATE, ECN_CLASSIC, tcpCaNeedsEcn, type EcnState } from './ecn-state.ts';
import { tcpAccecnReflectorFlags } from './handshake.ts';

/** Data sent for the first time: neither a retransmission nor a probe. */
function isFresh(sk: TcpSock, cb: Int32Array, bytes: number): boolean {
  return bytes > 0 && !before(cb[SEQ], sk.snd.nxt);
}

/** The ECN field of a segment without data: capable only where feedback counts. @rfc 3168 6.1.4 @rfc 9768 3.2.2.5 */
export function tcpEcnFieldOfAck(sk: TcpSock): number {
  const accurate = accurateOf(sk);
  const capable = tcpCaNeedsEcn(sk) || (accurate !== null && (accurate.fail & ACE_FAIL_RECV) === 0);
  return capable ? INET_ECN_ECT_0 : INET_ECN_NOT_ECT;
}

/** The ECN field of a segment: with RFC 3168 only new data may be marked, neither ACKs nor retransmissions. @kernel net/ipv4/tcp_output.c tcp_ecn_send() @rfc 3168 6.1.5 */
export function tcpEcnField(sk: TcpSock, cb: Int32Array, bytes: number): number {
  if (sk.ecn === null || (cb[FLAGS] & th.SYN) !== 0) return tcpCaNeedsEcn(sk) ? INET_ECN_ECT_0 : INET_ECN_NOT_ECT;
  if (sk.ecn.mode === ECN_CLASSIC && isFresh(sk, cb, bytes)) return INET_ECN_ECT_0;
  return tcpEcnFieldOfAck(sk);
}

/** Header flags that a segment, no SYN, gets for ECN: ECE while a mark is not answered, CWR once after a reduction. @kernel net/ipv4/tcp_output.c tcp_ecn_send() @rfc 3168 6.1.2 */
export function tcpEcnFlags(sk: TcpSock, ecn: EcnState, cb: Int32Array, bytes: number): number {
  if (ecn.mode === ECN_ACCURATE) return tcpAccecnSetAce(ecn.accurate!, cb);
  let flags = ecn.demandCwr ? th.ECE : 0;
  if (ecn.queueCwr && isFresh(sk, cb, bytes)) {
    ecn.queueCwr = false;
    flags |= th.CWR;
  }
  return flags;
}

/** How many marks came, in three bits; a segment that tells how a SYN came has them already. @kernel include/net/tcp_ecn.h tcp_accecn_set_ace() @rfc 9768 3.2.2 */
function tcpAccecnSetAce(accurate: AccurateEcn, cb: Int32Array): number {
  if ((cb[FLAGS] & (th.AE | th.CWR | th.ECE)) !== 0) return 0;
  accurate.pendingCe = 0;
  return ((accurate.receivedCe + CEP_INIT_OFFSET) & ACE_MASK) << 6;
}

/** Flags of an ACK that answers a SYN or SYN-ACK. */
export function reflectEct(sk: TcpSock): number {
  const accurate = accurateOf(sk);
  return accurate === null ? 0 : tcpAccecnReflectorFlags(accurate.synReceived);
}

/** The window was reduced: the peer is told with the next new data. @kernel include/net/tcp_ecn.h tcp_ecn_queue_cwr() */
export function tcpEcnQueueCwr(sk: TcpSock): void {
  if (sk.ecn !== null && sk.ecn.mode === ECN_CLASSIC) sk.ecn.queueCwr = true;
}

/** The reduction was taken back. @kernel include/net/tcp_ecn.h tcp_ecn_withdraw_cwr() */
export function tcpEcnWithdrawCwr(sk: TcpSock): void {
  if (sk.ecn !== null) sk.ecn.queueCwr = false;
}

/** What the device must heed that cuts a packet: CWR belongs to the first segment, but counts to all. @kernel net/ipv4/tcp_output.c tcp_ecn_send() */
export function tcpEcnGsoType(ecn: EcnState, out: SkBuff): number {
  if (ecn.mode === ECN_ACCURATE) return SKB_GSO_TCP_ACCECN;
  return (th.flags(out) & th.CWR) === 0 ? 0 : SKB_GSO_TCP_ECN;
}
