import type { Address } from '@stack/memory';
import type { SkBuff } from '@stack/skb';
import { ACCECN_AT } from '../cb.ts';
import {
  OPTION_ACCECN,
  OPTION_SACK_ADVERTISE,
  OPTION_TS,
  OPTION_WSCALE,
  type OutOptions,
} from '../output/out-options.ts';
import type { TcpSock } from '../sock.ts';
import { OPT_COUNTER_SEEN, OPT_EMPTY_SEEN, OPT_FAIL_SEEN, type AccurateEcn } from './accurate-state.ts';

/** The option's two kinds: counters begin with that of ECT(0), or of ECT(1). @rfc 9768 3.2.3 */
export const ACCECN0 = 172;
export const ACCECN1 = 174;
/** Bytes of kind and length, and of a counter. */
export const ACCECN_BASE = 2;
export const ACCECN_FIELD = 3;
const FIELDS = 3;
/** Counters of ECT begin at 1 on the wire: a zero shows that somebody clears them. */
export const ECT_INIT_OFFSET = 1;
const SACK_BLOCK = 8;
/** Values of `tcp_ecn_option`. */
const ALWAYS = 2;
const NO_BYTES = new Uint32Array(FIELDS);

/** Reads 24 bits. */
export function be24(u8: Uint8Array, at: Address): number {
  return (u8[at] << 16) | (u8[at + 1] << 8) | u8[at + 2];
}

/** What the first option from the peer says of those to come: OPT_*_SEEN. @kernel include/net/tcp_ecn.h tcp_accecn_option_init() @rfc 9768 3.2.3.2.4 */
export function optionInitAt(skb: SkBuff, offset: number): number {
  const { u8 } = skb.arena;
  const at = skb.transportHeader + offset;
  const counters = Math.floor((u8[at + 1] - ACCECN_BASE) / ACCECN_FIELD);
  if (counters < 1) return OPT_EMPTY_SEEN;
  if (be24(u8, at + ACCECN_BASE) === 0) return OPT_FAIL_SEEN;
  if (counters >= FIELDS && be24(u8, at + ACCECN_BASE + 2 * ACCECN_FIELD) === 0) return OPT_FAIL_SEEN;
  return OPT_COUNTER_SEEN;
}

/** The same for the option that was found in a segment. */
export function tcpAccecnOptionInit(skb: SkBuff): number {
  return optionInitAt(skb, skb.cb[ACCECN_AT]);
}

/**
 * Bytes that the option adds to `out`, with as many counters as fit into `remaining` but `required` at least; 0: it has
 * no place. It may begin or end in the padding of another option (`saving` bytes), and take the place of a SACK block.
 *
 * @kernel net/ipv4/tcp_output.c tcp_options_fit_accecn() @rfc 9768 3.2.3.3
 */
function fit(out: OutOptions, required: number, remaining: number, saving: number): number {
  const spare = required > 0 ? Math.max(0, out.sackBlocks - 2) : 0;
  for (let given = 0; given <= spare; given++) {
    for (let fields = FIELDS; fields >= required; fields--) {
      const length = ACCECN_BASE + ACCECN_FIELD * fields;
      const size = (length & 3) > saving ? (length + 3) & ~3 : length & ~3;
      if (size > remaining + given * SACK_BLOCK) continue;
      out.bits |= OPTION_ACCECN;
      out.accecnFields = fields;
      out.sackBlocks -= given;
      return size - given * SACK_BLOCK;
    }
  }
  return 0;
}

/** The option of a SYN-ACK: nothing has been counted yet. @kernel net/ipv4/tcp_output.c tcp_synack_options() */
export function synackAccecnSize(out: OutOptions, remaining: number): number {
  let saving = (out.bits & OPTION_WSCALE) !== 0 ? 1 : 0;
  if ((out.bits & (OPTION_SACK_ADVERTISE | OPTION_TS)) === OPTION_SACK_ADVERTISE) saving = 2;
  out.ecnBytes = NO_BYTES;
  return fit(out, 0, remaining, saving);
}

/** The option of any other segment, if one is due. @kernel net/ipv4/tcp_output.c tcp_established_options() */
export function establishedAccecnSize(sk: TcpSock, accurate: AccurateEcn, out: OutOptions, remaining: number): number {
  const { tcp_ecn_option: wish } = sk.tcp.sysctl;
  if (wish === 0 || accurate.optionSeen === 0) return 0;
  if (wish < ALWAYS && accurate.demand === 0 && !beaconIsDue(sk, accurate)) return 0;
  out.ecnBytes = accurate.received;
  return fit(out, accurate.minFields, remaining, out.sackBlocks > 0 ? 2 : 0);
}

/** A few times in a round trip, whatever happens. @kernel include/net/tcp_ecn.h tcp_accecn_option_beacon_check() @rfc 9768 3.2.3.3 */
function beaconIsDue(sk: TcpSock, accurate: AccurateEcn): boolean {
  const { tcp_ecn_option_beacon: times } = sk.tcp.sysctl;
  return times !== 0 && ((sk.tcp.us - accurate.optionUs) | 0) * times >= sk.rtt.srtt >>> 3;
}

/** A segment with the option goes out. */
export function accecnOptionSent(sk: TcpSock, accurate: AccurateEcn): void {
  accurate.minFields = 0;
  accurate.optionUs = sk.tcp.us;
  if (accurate.demand > 0) accurate.demand--;
}
