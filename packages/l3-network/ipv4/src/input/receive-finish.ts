import { NET_RX_DROP, type NetDevice, type SkbList } from '@stack/netdev';
import { DropReason, ip, PACKET_BROADCAST, PACKET_MULTICAST, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST } from '../constants.ts';
import { IpMib } from '../mib/ip-mib.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { ipRouteInputNoref, ROUTED } from '../route/input.ts';
import { skbRtable, type Route } from '../route/route.ts';
import { fibValidateSource, SOURCE_OK } from '../route/validate-source.ts';
import { ipRcvOptions } from './receive-options.ts';

/** After PRE_ROUTING, one packet. @kernel net/ipv4/ip_input.c ip_rcv_finish() */
export function ipRcvFinish(net: NetnsIpv4, skb: SkBuff): number {
  if (tracing.on) trace('ip_rcv_finish', skb);
  if (!ipRcvFinishCore(net, skb, null)) return NET_RX_DROP;
  return dstInput(skb);
}

/**
 * After PRE_ROUTING, a batch: packets with one route go on together.
 *
 * @kernel net/ipv4/ip_input.c ip_list_rcv_finish()
 */
export function ipListRcvFinish(net: NetnsIpv4, list: SkbList): void {
  if (tracing.on && list.first !== null) trace('ip_list_rcv_finish', list.first, list.length);
  const sublist = net.finishList;
  let current: Route | null = null;
  let hint: SkBuff | null = null;
  for (let skb = list.shift(); skb !== null; skb = list.shift()) {
    if (!ipRcvFinishCore(net, skb, hint)) continue;
    const route = skbRtable(skb);
    if (route !== current) {
      ipSublistRcvFinish(sublist);
      hint = route.type === RTN_BROADCAST ? null : skb;
      current = route;
    }
    sublist.push(skb);
  }
  ipSublistRcvFinish(sublist);
}

/** @kernel net/ipv4/ip_input.c ip_sublist_rcv_finish() */
function ipSublistRcvFinish(list: SkbList): void {
  if (tracing.on && list.first !== null) trace('ip_sublist_rcv_finish', list.first, list.length);
  for (let skb = list.shift(); skb !== null; skb = list.shift()) dstInput(skb);
}

/** To where the route says: here, or on. @kernel include/net/dst.h dst_input() */
function dstInput(skb: SkBuff): number {
  if (tracing.on) trace('dst_input', skb);
  return skbRtable(skb).input(skb);
}

/**
 * Finds the packet's route: from its socket, from the packet before it (`hint`), or in the FIB. False when the packet was
 * dropped.
 *
 * @kernel net/ipv4/ip_input.c ip_rcv_finish_core()
 */
function ipRcvFinishCore(net: NetnsIpv4, skb: SkBuff, hint: SkBuff | null): boolean {
  if (tracing.on) trace('ip_rcv_finish_core', skb);
  const dev = skb.dev as NetDevice;
  if (hint !== null && skb.dst === null) ipRouteUseHint(net, skb, hint, dev);
  if (net.sysctl.ipEarlyDemux && skb.dst === null && skb.sk === null && !ip.isFragment(skb)) {
    net.protocols.get(ip.protocol(skb))?.earlyDemux?.(skb);
  }
  if (skb.dst === null) {
    const reason = ipRouteInputNoref(net, skb, ip.daddr(skb), ip.saddr(skb), dev);
    if (reason !== ROUTED) return refuse(net, skb, reason);
  }
  if (ip.headerLength(skb) > ip.LENGTH && !ipRcvOptions(net, skb, dev)) return false;
  return countKind(net, skb);
}

/**
 * To the same destination as the packet before: the same route, if the source may come in here. If not, the lookup says why.
 *
 * @kernel net/ipv4/route.c ip_route_use_hint()
 */
function ipRouteUseHint(net: NetnsIpv4, skb: SkBuff, hint: SkBuff, dev: NetDevice): void {
  if (ip.daddr(skb) !== ip.daddr(hint) || ip.tos(skb) !== ip.tos(hint)) return;
  const route = skbRtable(hint);
  if (!route.isInput || route.type !== RTN_LOCAL) return;
  if (ip.saddr(skb) === ip.saddr(hint) || fibValidateSource(net, ip.saddr(skb), 0, dev) === SOURCE_OK) skb.dst = route;
}

/** Multicast and broadcast are counted; a unicast packet in a broadcast frame is none of ours. @rfc 1122 3.3.6 */
function countKind(net: NetnsIpv4, skb: SkBuff): boolean {
  const { type } = skbRtable(skb);
  const { counts } = net.mib;
  if (type === RTN_MULTICAST) {
    counts[IpMib.IpExtInMcastPkts]++;
    counts[IpMib.IpExtInMcastOctets] += skb.len;
  } else if (type === RTN_BROADCAST) {
    counts[IpMib.IpExtInBcastPkts]++;
    counts[IpMib.IpExtInBcastOctets] += skb.len;
  } else if (skb.pktType === PACKET_BROADCAST || skb.pktType === PACKET_MULTICAST) {
    if (net.sysctl.dropUnicastInL2Multicast) return refuse(net, skb, DropReason.UNICAST_IN_L2_MULTICAST);
  }
  return true;
}

function refuse(net: NetnsIpv4, skb: SkBuff, reason: number): false {
  if (reason === DropReason.IP_RPFILTER) net.mib.counts[IpMib.TcpExtIPReversePathFilter]++;
  skb.drop(reason);
  return false;
}
