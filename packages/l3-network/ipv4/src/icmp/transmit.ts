import { csumFold } from '@stack/memory';
import { llReservedSpace } from '@stack/neigh';
import { IFF_LOOPBACK } from '@stack/netdev';
import { icmp, ip, skbChecksum, type SkBuff } from '@stack/skb';
import { IPPROTO_ICMP } from '../constants.ts';
import { ipcbReset } from '../ipcb.ts';
import { countOut, IcmpMib } from '../mib/icmp-mib.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { writeHeader } from '../output/header.ts';
import { ipLocalOut } from '../output/local-out.ts';
import type { Route } from '../route/route.ts';
import { inetPeerXrlimAllow } from './rate-limit.ts';

/** Unreachable, source quench, time exceeded, parameter problem, and their like: answers to packets, not to questions. @kernel net/ipv4/icmp.c icmp_pointers */
export function isError(type: number): boolean {
  return (
    type === icmp.DEST_UNREACH ||
    type === 4 ||
    type === icmp.REDIRECT ||
    type === icmp.TIME_EXCEEDED ||
    type === icmp.PARAMETER_PROBLEM
  );
}

/** Whether errors of this kind are limited at all. @kernel net/ipv4/icmp.c icmpv4_mask_allow() */
export function isLimited(net: NetnsIpv4, type: number, code: number): boolean {
  if (type > 18 || (type === icmp.DEST_UNREACH && code === icmp.FRAG_NEEDED)) return false;
  return ((1 << type) & net.sysctl.icmpRatemask) !== 0;
}

/** @kernel net/ipv4/icmp.c icmpv4_global_allow() */
export function globalAllow(net: NetnsIpv4, type: number, code: number): boolean {
  if (!isLimited(net, type, code) || net.icmp.limit.globalAllow(net.sysctl, net.wheel.jiffies)) return true;
  net.icmp.mib.counts[IcmpMib.IcmpOutRateLimitGlobal]++;
  return false;
}

/** @kernel net/ipv4/icmp.c icmpv4_xrlim_allow() */
export function hostAllow(net: NetnsIpv4, route: Route, daddr: number, type: number, code: number): boolean {
  if (!isLimited(net, type, code) || (route.dev.flags & IFF_LOOPBACK) !== 0) return true;
  const peer = net.peers.get(daddr);
  if (inetPeerXrlimAllow(peer, net.sysctl.icmpRatelimit, net.wheel.jiffies)) return true;
  net.icmp.mib.counts[IcmpMib.IcmpOutRateLimitHost]++;
  return false;
}

/** An ICMP message with `length` bytes behind its header and room for what comes in front; null when memory is lacking. */
export function icmpAlloc(net: NetnsIpv4, route: Route, length: number): SkBuff | null {
  const room = llReservedSpace(route.dev) + ip.LENGTH;
  const skb = room + icmp.LENGTH + length > 65_536 ? null : net.pool.alloc(room + icmp.LENGTH + length);
  if (skb === null) return null;
  skb.reserve(room);
  skb.put(icmp.LENGTH + length);
  skb.resetTransportHeader();
  return skb;
}

/** Stores the checksum of a message that is complete and linear or not. */
export function icmpChecksum(skb: SkBuff): void {
  icmp.setCheck(skb, 0);
  icmp.setCheck(skb, csumFold(skbChecksum(skb, skb.transportHeader - skb.data, skb.len, 0)));
}

/**
 * Sends an ICMP message (at `data`, headroom for the IP header in front) along a route. Owns the skb.
 *
 * @kernel net/ipv4/icmp.c icmp_push_reply()
 */
export function icmpPush(
  net: NetnsIpv4,
  skb: SkBuff,
  route: Route,
  saddr: number,
  daddr: number,
  tos: number,
  ttl: number,
): number {
  const type = icmp.type(skb);
  countOut(net.icmp.mib.counts, type);
  net.icmp.sent[type]++;
  skb.dst = route;
  skb.push(ip.LENGTH);
  skb.resetNetworkHeader();
  ipcbReset(skb);
  skb.ignoreDf = true;
  const id = net.idents.reserve(daddr, saddr, IPPROTO_ICMP, 1);
  writeHeader(skb, ip.LENGTH, tos, id, false, ttl, IPPROTO_ICMP, saddr, daddr);
  return ipLocalOut(net, skb);
}
