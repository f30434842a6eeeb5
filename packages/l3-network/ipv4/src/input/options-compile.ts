import { ip, type SkBuff } from '@stack/skb';
import { RTN_LOCAL } from '../constants.ts';
import {
  IPCB_OPT,
  IPCB_OPTLEN,
  IPCB_RR,
  IPCB_SRR,
  IPCB_TS,
  OPT_IS_CHANGED,
  OPT_ROUTER_ALERT,
  OPT_RR_NEEDADDR,
  OPT_STRICTROUTE,
  OPT_TS_NEEDADDR,
  OPT_TS_NEEDTIME,
} from '../ipcb.ts';
import {
  IPOPT_END,
  IPOPT_LSRR,
  IPOPT_NOOP,
  IPOPT_RA,
  IPOPT_RR,
  IPOPT_SSRR,
  IPOPT_TIMESTAMP,
  IPOPT_TS_PRESPEC,
  IPOPT_TS_TSANDADDR,
  IPOPT_TS_TSONLY,
} from '../options.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { inetCurrentTimestamp } from '../output/options-build.ts';

/**
 * Reads the options of a received packet: where they are goes to `skb.cb`, our address into those that record the route.
 * 0, or the offset in the header of the byte that is wrong.
 *
 * @kernel net/ipv4/ip_options.c __ip_options_compile()
 * @rfc 791 3.1
 */
export function ipOptionsCompile(net: NetnsIpv4, skb: SkBuff, ownAddress: number): number {
  const { cb } = skb;
  const { u8 } = skb.arena;
  const base = skb.networkHeader;
  const end = ip.headerLength(skb);
  cb[IPCB_OPTLEN] = end - ip.LENGTH;
  cb[IPCB_SRR] = cb[IPCB_RR] = cb[IPCB_TS] = cb[IPCB_OPT] = 0;
  for (let at = ip.LENGTH; at < end;) {
    const kind = u8[base + at];
    if (kind === IPOPT_END) return clearRest(skb, at + 1, end);
    if (kind === IPOPT_NOOP) {
      at++;
      continue;
    }
    const length = at + 1 < end ? u8[base + at + 1] : 0;
    if (length < 2 || at + length > end) return at;
    const wrong = one(net, skb, kind, at, length, ownAddress);
    if (wrong !== 0) return wrong;
    at += length;
  }
  return 0;
}

function one(net: NetnsIpv4, skb: SkBuff, kind: number, at: number, length: number, ownAddress: number): number {
  if (kind === IPOPT_SSRR || kind === IPOPT_LSRR) return sourceRoute(skb, kind, at, length);
  if (kind === IPOPT_RR) return recordRoute(skb, at, length, ownAddress);
  if (kind === IPOPT_TIMESTAMP) return timestamp(net, skb, at, length, ownAddress);
  if (kind === IPOPT_RA) {
    if (length < 4) return at + 1;
    if (skb.arena.u8[skb.networkHeader + at + 2] === 0) skb.cb[IPCB_OPT] |= OPT_ROUTER_ALERT;
  }
  return 0;
}

function sourceRoute(skb: SkBuff, kind: number, at: number, length: number): number {
  const pointer = skb.arena.u8[skb.networkHeader + at + 2];
  if (length < 3) return at + 1;
  if (pointer < 4) return at + 2;
  if (skb.cb[IPCB_SRR] !== 0) return at;
  skb.cb[IPCB_SRR] = at;
  if (kind === IPOPT_SSRR) skb.cb[IPCB_OPT] |= OPT_STRICTROUTE;
  return 0;
}

function recordRoute(skb: SkBuff, at: number, length: number, ownAddress: number): number {
  const { u8, view } = skb.arena;
  const option = skb.networkHeader + at;
  if (skb.cb[IPCB_RR] !== 0) return at;
  if (length < 3) return at + 1;
  const pointer = u8[option + 2];
  if (pointer < 4) return at + 2;
  skb.cb[IPCB_RR] = at;
  if (pointer > length) return 0;
  if (pointer + 3 > length) return at + 2;
  view.setInt32(option + pointer - 1, ownAddress);
  u8[option + 2] = pointer + 4;
  skb.cb[IPCB_OPT] |= OPT_IS_CHANGED | OPT_RR_NEEDADDR;
  return 0;
}

function timestamp(net: NetnsIpv4, skb: SkBuff, at: number, length: number, ownAddress: number): number {
  const { u8 } = skb.arena;
  const option = skb.networkHeader + at;
  if (skb.cb[IPCB_TS] !== 0) return at;
  if (length < 4) return at + 1;
  const pointer = u8[option + 2];
  if (pointer < 5) return at + 2;
  skb.cb[IPCB_TS] = at;
  const kind = u8[option + 3] & 0x0f;
  if (pointer > length) return countOverflow(skb, at);
  if (kind === IPOPT_TS_TSONLY) return pointer + 3 > length ? at + 2 : stamp(net, skb, at, pointer, 0);
  if (kind !== IPOPT_TS_TSANDADDR && kind !== IPOPT_TS_PRESPEC) return at + 3;
  if (pointer + 7 > length) return at + 2;
  if (kind === IPOPT_TS_TSANDADDR) {
    skb.cb[IPCB_OPT] |= OPT_TS_NEEDADDR;
    return stamp(net, skb, at, pointer, ownAddress);
  }
  const wanted = skb.arena.view.getInt32(option + pointer - 1);
  return net.fib.addressType(wanted, null) === RTN_LOCAL ? stamp(net, skb, at, pointer, wanted) : 0;
}

/** No room: a counter of those who found none, which may not overflow either. */
function countOverflow(skb: SkBuff, at: number): number {
  const { u8 } = skb.arena;
  const option = skb.networkHeader + at;
  const overflow = u8[option + 3] >>> 4;
  if (overflow === 15) return at + 3;
  u8[option + 3] = (u8[option + 3] & 0x0f) | ((overflow + 1) << 4);
  skb.cb[IPCB_OPT] |= OPT_IS_CHANGED;
  return 0;
}

/** Writes our address (unless 0) and the time. */
function stamp(net: NetnsIpv4, skb: SkBuff, at: number, pointer: number, address: number): number {
  const { u8, view } = skb.arena;
  const option = skb.networkHeader + at;
  let place = option + pointer - 1;
  if (address !== 0) {
    view.setInt32(place, address);
    place += 4;
  }
  view.setInt32(place, inetCurrentTimestamp(net));
  u8[option + 2] = place + 4 - option + 1;
  skb.cb[IPCB_OPT] |= OPT_IS_CHANGED | OPT_TS_NEEDTIME;
  return 0;
}

function clearRest(skb: SkBuff, from: number, end: number): number {
  const { u8 } = skb.arena;
  for (let at = from; at < end; at++) {
    if (u8[skb.networkHeader + at] === IPOPT_END) continue;
    u8[skb.networkHeader + at] = IPOPT_END;
    skb.cb[IPCB_OPT] |= OPT_IS_CHANGED;
  }
  return 0;
}
