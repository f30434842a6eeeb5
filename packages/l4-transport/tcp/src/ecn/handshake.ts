import type { SkBuff } from '@stack/skb';
import { END_SEQ, FLAGS, SACKED, SEQ } from '../cb.ts';
import type { TcpSock } from '../sock.ts';
import { ACE_FAIL_RECV, tcpAccecnAce, type AccurateEcn } from './accurate-state.ts';
import { INET_ECN_CE, INET_ECN_ECT_0, INET_ECN_ECT_1, INET_ECN_NOT_ECT } from './codepoints.ts';
import type { EcnState } from './ecn-state.ts';

/** ACE by the ECN field with which the peer's SYN or SYN-ACK came. @rfc 9768 3.1.1 Table 2 */
const ACE_OF_FIELD = Uint8Array.of(0b010, 0b011, 0b100, 0b110);
/** The way back; values that nobody should send count as what harms least. */
const FIELD_OF_ACE = Uint8Array.of(
  INET_ECN_ECT_0,
  INET_ECN_ECT_1,
  INET_ECN_NOT_ECT,
  INET_ECN_ECT_1,
  INET_ECN_ECT_0,
  INET_ECN_ECT_1,
  INET_ECN_CE,
  INET_ECN_ECT_1,
);

/** Header flags that tell with which ECN field the peer's SYN came. @kernel include/net/tcp_ecn.h tcp_accecn_reflector_flags() */
export function tcpAccecnReflectorFlags(field: number): number {
  return ACE_OF_FIELD[field] << 6;
}

/** A SYN that asks for accurate feedback: any of the three bits, but not the two of RFC 3168. @kernel include/net/tcp_ecn.h tcp_accecn_syn_requested() @rfc 9768 3.1.2 */
export function tcpAccecnSynRequested(flags: number): boolean {
  const ace = tcpAccecnAce(flags);
  return ace !== 0 && ace !== 0b011;
}

/** What networks may do to an ECN field: mark it; neither clear it nor make it capable. @kernel include/net/tcp_ecn.h tcp_ect_transition_valid() @rfc 9768 3.2.2.3 */
function tcpEctTransitionValid(sent: number, received: number): boolean {
  if (sent === received) return true;
  return sent !== INET_ECN_NOT_ECT && received !== INET_ECN_NOT_ECT && sent !== INET_ECN_CE;
}

/** Whether what the peer says of our SYN can be; if not, nothing we send is ECN-capable any more. @kernel include/net/tcp_ecn.h tcp_accecn_validate_syn_feedback() */
export function tcpAccecnValidateSynFeedback(sk: TcpSock, accurate: AccurateEcn, ace: number): boolean {
  if (!sk.tcp.sysctl.tcp_ecn_fallback || tcpEctTransitionValid(accurate.synSent, FIELD_OF_ACE[ace])) return true;
  accurate.fail |= ACE_FAIL_RECV;
  return false;
}

/** The ACK that ends the handshake tells how our SYN-ACK came. @kernel include/net/tcp_ecn.h tcp_accecn_third_ack() @rfc 9768 3.2.2.1 Table 4 */
export function tcpAccecnThirdAck(sk: TcpSock, ecn: EcnState, accurate: AccurateEcn, skb: SkBuff): void {
  const { cb } = skb;
  const ace = tcpAccecnAce(cb[FLAGS]);
  if (ace === 0) {
    accurate.fail |= ACE_FAIL_RECV; // somebody clears the bits
    return;
  }
  const legalButUnused = ace === 0b001 || ace === 0b101 || ace === 0b111;
  if (legalButUnused || cb[SEQ] !== cb[END_SEQ] || cb[SACKED] !== 0) return;
  if (tcpAccecnValidateSynFeedback(sk, accurate, ace) && FIELD_OF_ACE[ace] === INET_ECN_CE) ecn.deliveredCe = 1;
}
