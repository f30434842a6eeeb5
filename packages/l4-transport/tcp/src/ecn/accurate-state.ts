import type { TcpSock } from '../sock.ts';
import { ECN_ACCURATE } from './ecn-state.ts';

/** What of the feedback proved unusable. @kernel include/net/tcp_ecn.h TCP_ACCECN_ACE_FAIL_SEND */
export const ACE_FAIL_RECV = 1 << 1;
export const OPT_FAIL_RECV = 1 << 3;

/** What was seen of the peer's AccECN option. @kernel include/net/tcp_ecn.h TCP_ACCECN_OPT_NOT_SEEN */
export const OPT_NOT_SEEN = 0;
export const OPT_EMPTY_SEEN = 1;
export const OPT_COUNTER_SEEN = 2;
export const OPT_FAIL_SEEN = 3;

/** The three bits of the ACE field begin to count here, so that it is never mistaken for an older kind. @rfc 9768 3.2.1 */
export const CEP_INIT_OFFSET = 5;
export const ACE_MASK = 7;

/**
 * Feedback that counts: marked segments in three bits of every header, bytes by ECN field in an option. Byte counts
 * wrap at 2^32 and are indexed by the ECN field minus 1: ECT(1), ECT(0), CE.
 *
 * @rfc 9768 3.2
 */
export class AccurateEcn {
  /** The ECN field of our SYN or SYN-ACK as sent, and of the peer's as it came. */
  synSent = 0;
  synReceived = 0;
  /** Segments that came with a mark, and how many of them no ACK has told yet (15 at most). */
  receivedCe = 0;
  pendingCe = 0;
  /** Payload that came, and that the peer says came. */
  readonly received = new Uint32Array(3);
  readonly delivered = new Uint32Array(3);
  /** The ECN field of the last segment that came. */
  previousField = 0;
  /** So many of the next ACKs must carry the option, with so many counters at least; when it was sent last. */
  demand = 0;
  minFields = 0;
  optionUs = 0;
  /** OPT_*_SEEN, and *_FAIL_* bits. */
  optionSeen = OPT_NOT_SEEN;
  fail = 0;
  /** The counter that alone has been moving; ACKs without the option are taken to move it, too. 0: none. */
  movingField = 0;
}

/** Null when the feedback is none or of the older kind. @kernel include/net/tcp.h tcp_ecn_mode_accecn() */
export function accurateOf(sk: TcpSock): AccurateEcn | null {
  return sk.ecn !== null && sk.ecn.mode === ECN_ACCURATE ? sk.ecn.accurate : null;
}

/** AE, CWR and ECE of a header as one number. @kernel include/net/tcp_ecn.h tcp_accecn_ace() @rfc 9768 3.2.2 */
export function tcpAccecnAce(flags: number): number {
  return (flags >>> 6) & ACE_MASK;
}

/** @kernel include/net/tcp_ecn.h tcp_accecn_saw_opt_fail_recv() */
export function tcpAccecnSawOption(accurate: AccurateEcn, seen: number): void {
  accurate.optionSeen = seen;
  if (seen === OPT_FAIL_SEEN) accurate.fail |= OPT_FAIL_RECV;
}
