import { type SkBuff } from '@stack/skb';
import { ACCECN_AT, FLAGS } from '../cb.ts';
import { ICSK_ACK_NOW, TCP_CA_CWR, TCP_CA_Open } from '../constants.ts';
import { tcpIsReno } from '../flight.ts';
import { tcpFastPathOn } from '../input/fast-path.ts';
import { FLAG_FORWARD_PROGRESS, FLAG_SLOWPATH, FLAG_SYN_ACKED, FLAG_TS_PROGRESS } from '../input/flags.ts';
import type { TcpSock } from '../sock.ts';
import { ACCECN1, ACCECN_BASE, ACCECN_FIELD, be24, ECT_INIT_OFFSET, tcpAccecnOptionInit } from './accurate-option.ts';
import {
  ACE_MASK,
  CEP_INIT_OFFSET,
  OPT_COUNTER_SEEN,
  OPT_FAIL_RECV,
  OPT_FAIL_SEEN,
  tcpAccecnAce,
  tcpAccecnSawOption,
  type AccurateEcn,
} from './accurate-state.ts';
import { INET_ECN_CE, INET_ECN_ECT_0, INET_ECN_ECT_1 } from './codepoints.ts';
import type { EcnState } from './ecn-state.ts';
import { tcpCountDeliveredCe } from './receive.ts';

/** So many marks that no ACK has told yet are told at once: the three bits must not wrap. */
const MOST_UNTOLD = 6;
/** Bytes after which an option that never came would be of no use. */
const TOO_LATE = 2 ** 23 - 1;
const CE = INET_ECN_CE - 1;
/** ECN fields of an option's counters, in both orders. */
const ORDER_0 = Uint8Array.of(INET_ECN_ECT_0, INET_ECN_CE, INET_ECN_ECT_1);
const ORDER_1 = Uint8Array.of(INET_ECN_ECT_1, INET_ECN_CE, INET_ECN_ECT_0);

/**
 * How many marked segments an ACK reports that no ACK has before, `packets` and `bytes` being what it delivers.
 *
 * @kernel net/ipv4/tcp_input.c tcp_accecn_process() @rfc 9768 3.2.2.5
 */
export function tcpAccecnProcess(
  sk: TcpSock,
  ecn: EcnState,
  accurate: AccurateEcn,
  skb: SkBuff,
  packets: number,
  bytes: number,
  flag: number,
): number {
  // An ACK that shows no progress may be an old one.
  if ((flag & (FLAG_FORWARD_PROGRESS | FLAG_TS_PROGRESS)) === 0) return 0;
  const markedBefore = accurate.delivered[CE];
  const exact = tcpAccecnProcessOption(sk, accurate, skb, bytes, flag);
  // The predicted header has the same bits as the last; only so many segments at once could hide a change.
  if (((flag & FLAG_SLOWPATH) === 0 && packets <= ACE_MASK) || (flag & FLAG_SYN_ACKED) !== 0) return 0;
  if (accurate.pendingCe >= MOST_UNTOLD) sk.ack.pending |= ICSK_ACK_NOW;
  const delta = (tcpAccecnAce(skb.cb[FLAGS]) - CEP_INIT_OFFSET - ecn.deliveredCe) & ACE_MASK;
  let count = delta;
  if (packets > ACE_MASK) {
    const markedBytes = exact ? (accurate.delivered[CE] - markedBefore) | 0 : -1;
    count = resolveWrap(sk, packets, bytes, delta, markedBytes);
  }
  if (count > 0) {
    tcpCountDeliveredCe(sk, ecn, count);
    if (sk.predFlags !== 0) tcpFastPathOn(sk);
  }
  return count;
}

/** The three bits may have wrapped: what the bytes say (-1: nothing), or the most that is possible. @kernel net/ipv4/tcp_input.c __tcp_accecn_process() @rfc 9768 A.1 */
function resolveWrap(sk: TcpSock, packets: number, bytes: number, delta: number, markedBytes: number): number {
  const most = packets - ((packets - delta) & ACE_MASK);
  if (markedBytes < 0) return most;
  if (markedBytes === 0) return delta;
  const steady = !tcpIsReno(sk) || sk.cc.state === TCP_CA_Open || sk.cc.state === TCP_CA_CWR;
  if (packets >= 2 * (ACE_MASK + 1) && steady) {
    if (bytes <= markedBytes) return most;
    const estimate = Math.ceil((markedBytes * packets) / bytes);
    return Math.min(most, delta + (estimate & ~ACE_MASK));
  }
  if (markedBytes > delta * sk.snd.mss) return most;
  return markedBytes < (most * sk.snd.mss) / 2 ? delta : most;
}

/** Takes over the byte counters. True when they are sure to be as of this ACK. @kernel net/ipv4/tcp_input.c tcp_accecn_process_option() @rfc 9768 3.2.3 */
function tcpAccecnProcessOption(sk: TcpSock, accurate: AccurateEcn, skb: SkBuff, bytes: number, flag: number): boolean {
  if ((accurate.fail & OPT_FAIL_RECV) !== 0) return false;
  const offset = (flag & FLAG_SLOWPATH) === 0 ? 0 : skb.cb[ACCECN_AT];
  if (offset === 0) return withoutOption(sk, accurate, bytes);
  if (accurate.optionSeen < OPT_COUNTER_SEEN) tcpAccecnSawOption(accurate, tcpAccecnOptionInit(skb));
  const { u8 } = skb.arena;
  const at = skb.transportHeader + offset;
  const fields = u8[at] === ACCECN1 ? ORDER_1 : ORDER_0;
  const count = Math.min(Math.floor((u8[at + 1] - ACCECN_BASE) / ACCECN_FIELD), fields.length);
  const expected = accurate.movingField;
  let sure = expected !== 0;
  let moved = 0;
  for (let i = 0; i < count; i++) {
    const field = fields[i];
    const delta = updateBytes(accurate, field, be24(u8, at + ACCECN_BASE + ACCECN_FIELD * i));
    if (delta === 0) continue;
    const second = field !== expected && moved !== 0;
    if (field !== expected && moved === 0) accurate.movingField = moved = field;
    if (delta > 0 && !second) continue;
    sure = false;
    moved = -1;
  }
  if (moved < 0) accurate.movingField = 0;
  return sure;
}

/** ACKs without the option are taken to report what the last ones did. */
function withoutOption(sk: TcpSock, accurate: AccurateEcn, bytes: number): boolean {
  if (accurate.optionSeen === 0) {
    if (sk.rate.bytesSent >= TOO_LATE) tcpAccecnSawOption(accurate, OPT_FAIL_SEEN);
    return false;
  }
  if (accurate.movingField === 0) return false;
  accurate.delivered[accurate.movingField - 1] += bytes;
  return true;
}

/** By how much a counter, of which 24 bits are on the wire, moved: backwards if the ACK is older than another. @kernel include/net/tcp_ecn.h tcp_update_ecn_bytes() */
function updateBytes(accurate: AccurateEcn, field: number, wire: number): number {
  const value = field === INET_ECN_CE ? wire : wire - ECT_INIT_OFFSET;
  const delta = ((value - accurate.delivered[field - 1]) << 8) >> 8;
  accurate.delivered[field - 1] += delta;
  return delta;
}
