import { ip, type SkBuff } from '@stack/skb';
import { ICSK_ACK_NOW } from '../constants.ts';
import type { TcpSock } from '../sock.ts';
import { accurateOf } from './accurate-state.ts';
import { INET_ECN_CE, INET_ECN_MASK, INET_ECN_NOT_ECT } from './codepoints.ts';

/** So many ACKs carry the option after a change: the second one leaves no doubt. */
const OPTIONS_AFTER_CHANGE = 2;
/** A counter of 24 bits must be told before it could wrap unseen. */
const TELL_AT_LEAST_EVERY = 22;
const MOST_PENDING = 15;
/** Counters that an option must have to hold that of an ECN field: it begins with ECT(1), then CE, then ECT(0). */
const FIELDS_FOR = Uint8Array.of(0, 1, 3, 2);

/** Counts a segment that came, with so many bytes of payload, for accurate feedback. @kernel include/net/tcp_ecn.h tcp_ecn_received_counters() @rfc 9768 3.2.1 */
export function tcpEcnReceivedCounters(sk: TcpSock, skb: SkBuff, bytes: number): void {
  const accurate = accurateOf(sk);
  if (accurate === null) return;
  const field = ip.tos(skb) & INET_ECN_MASK;
  if (field !== INET_ECN_NOT_ECT) {
    sk.ecn!.seen = true;
    if (field === INET_ECN_CE) {
      const count = Math.max(1, skb.shinfo.gsoSegs);
      accurate.receivedCe += count;
      accurate.pendingCe = Math.min(accurate.pendingCe + count, MOST_PENDING);
    }
    if (bytes > 0) {
      const before = accurate.received[field - 1];
      const after = (accurate.received[field - 1] = before + bytes);
      accurate.minFields = Math.max(accurate.minFields, FIELDS_FOR[field]);
      if ((before ^ after) >>> TELL_AT_LEAST_EVERY !== 0) accurate.demand = Math.max(accurate.demand, 1);
    }
  }
  const edge = field !== accurate.previousField;
  if (!edge && field !== INET_ECN_CE) return;
  accurate.previousField = field;
  accurate.demand = OPTIONS_AFTER_CHANGE;
  if (edge) sk.ack.pending |= ICSK_ACK_NOW;
}
