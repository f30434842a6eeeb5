import { MSEC } from '@stack/clock';
import { ip, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import type { NetnsIpv4 } from '../netns.ts';
import {
  IPOPT_COPY,
  IPOPT_END,
  IPOPT_LSRR,
  IPOPT_NOOP,
  IPOPT_RR,
  IPOPT_SSRR,
  IPOPT_TIMESTAMP,
  IPOPT_TS_PRESPEC,
  IPOPT_TS_TSANDADDR,
} from '../options.ts';

const DAY = 86_400_000;

/** Milliseconds since midnight, as the timestamp option wants them. @kernel net/ipv4/af_inet.c inet_current_timestamp() */
export function inetCurrentTimestamp(net: NetnsIpv4): number {
  return Math.floor(net.core.clock.now() / MSEC) % DAY;
}

/** Where a packet with these options goes first: the first stop of a source route, or 0 when there is none. */
export function optionsFirstHop(options: Uint8Array): number {
  const at = find(options, IPOPT_LSRR, IPOPT_SSRR);
  return at < 0 || options[at + 1] < 7 ? 0 : read(options, at + 3);
}

/**
 * Writes IP options behind the fixed header: a source route ends at the destination, the others begin with us.
 *
 * @kernel net/ipv4/ip_options.c ip_options_build()
 */
export function ipOptionsBuild(net: NetnsIpv4, skb: SkBuff, options: Uint8Array, daddr: number, source: number): void {
  if (tracing.on) trace('ip_options_build', skb);
  const { u8, view } = skb.arena;
  const base = skb.networkHeader + ip.LENGTH;
  u8.set(options, base);
  const route = find(options, IPOPT_LSRR, IPOPT_SSRR);
  if (route >= 0 && options[route + 1] >= 7) {
    // The first stop stands in the header; the others move up and the destination is the last.
    const end = base + route + options[route + 1];
    u8.copyWithin(base + route + 3, base + route + 7, end);
    view.setInt32(end - 4, daddr);
  }
  const record = find(options, IPOPT_RR, IPOPT_RR);
  if (record >= 0) putAddress(skb, base + record, 0, source);
  const stamp = find(options, IPOPT_TIMESTAMP, IPOPT_TIMESTAMP);
  if (stamp >= 0) putTimestamp(net, skb, base + stamp, source);
}

/** Fragments behind the first carry only the options that say so: the others become no-operations. @kernel net/ipv4/ip_options.c ip_options_fragment() */
export function ipOptionsFragment(skb: SkBuff): void {
  const { u8 } = skb.arena;
  const end = skb.networkHeader + ip.headerLength(skb);
  for (let at = skb.networkHeader + ip.LENGTH; at < end;) {
    const kind = u8[at];
    if (kind === IPOPT_END) return;
    const length = kind === IPOPT_NOOP ? 1 : u8[at + 1];
    if (kind !== IPOPT_NOOP && (length < 2 || at + length > end)) return;
    if ((kind & IPOPT_COPY) === 0) u8.fill(IPOPT_NOOP, at, at + length);
    at += length;
  }
}

function putAddress(skb: SkBuff, option: number, behind: number, source: number): void {
  const { u8, view } = skb.arena;
  const pointer = u8[option + 2];
  if (pointer + 3 + behind > u8[option + 1]) return;
  view.setInt32(option + pointer - 1, source);
  u8[option + 2] = pointer + 4;
}

function putTimestamp(net: NetnsIpv4, skb: SkBuff, option: number, source: number): void {
  const { u8 } = skb.arena;
  const kind = u8[option + 3] & 0x0f;
  if (kind === IPOPT_TS_PRESPEC) return;
  if (kind === IPOPT_TS_TSANDADDR) putAddress(skb, option, 4, source);
  putAddress(skb, option, 0, inetCurrentTimestamp(net));
}

/** Offset of the first option of either kind, -1 when there is none. */
function find(options: Uint8Array, kind: number, other: number): number {
  for (let at = 0; at < options.length && options[at] !== IPOPT_END;) {
    if (options[at] === kind || options[at] === other) return at;
    const length = options[at] === IPOPT_NOOP ? 1 : options[at + 1];
    if (!(length >= 1)) return -1;
    at += length;
  }
  return -1;
}

function read(options: Uint8Array, at: number): number {
  return (options[at] << 24) | (options[at + 1] << 16) | (options[at + 2] << 8) | options[at + 3];
}
