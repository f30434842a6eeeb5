import { __neighCreate, llReservedSpace, neighOutput, type Neighbour } from '@stack/neigh';
import { IFF_LOOPBACK, IFF_POINTOPOINT, type NetDevice } from '@stack/netdev';
import { EINVAL, ENOMEM } from '@stack/plugin';
import { DropReason, ip, pskbExpandHead, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { RTN_BROADCAST, RTN_MULTICAST } from '../constants.ts';
import { IpMib } from '../mib/ip-mib.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { rtNexthop, skbRtable, type Route } from '../route/route.ts';

/**
 * To the neighbour: the next hop's link-layer address, and the packet to the device. Owns the skb.
 *
 * @kernel net/ipv4/ip_output.c ip_finish_output2()
 */
export function ipFinishOutput2(net: NetnsIpv4, skb: SkBuff): number {
  if (tracing.on) trace('ip_finish_output2', skb);
  const route = skbRtable(skb);
  const { dev } = route;
  if (route.type === RTN_MULTICAST || route.type === RTN_BROADCAST) countGroup(net, skb, route);
  const room = llReservedSpace(dev);
  if (skb.headroom < room && dev.headerOps !== null && !pskbExpandHead(skb, room - skb.headroom, 0)) {
    skb.drop(DropReason.NOMEM);
    return -ENOMEM;
  }
  if (tracing.on) trace('ip_neigh_for_gw', skb);
  if (tracing.on) trace('__ipv4_neigh_lookup_noref', skb);
  const neigh = ipNeighForGw(net, dev, rtNexthop(route, ip.daddr(skb)));
  if (neigh === null) {
    skb.drop(DropReason.NEIGH_CREATEFAIL);
    return -EINVAL;
  }
  return neighOutput(neigh, skb);
}

/** The neighbour, made when it is new; null when the table is full. @kernel include/net/route.h ip_neigh_for_gw() */
export function ipNeighForGw(net: NetnsIpv4, dev: NetDevice, nexthop: number): Neighbour | null {
  // All destinations are one behind a device that has only one end.
  const key = (dev.flags & (IFF_LOOPBACK | IFF_POINTOPOINT)) === 0 ? nexthop : 0;
  return __ipv4NeighLookupNoref(net, dev, key) ?? __neighCreate(net.arp.table, key, dev);
}

/** @kernel include/net/arp.h __ipv4_neigh_lookup_noref() */
function __ipv4NeighLookupNoref(net: NetnsIpv4, dev: NetDevice, key: number): Neighbour | null {
  return net.arp.table.hash.find(key, dev.ifindex);
}

function countGroup(net: NetnsIpv4, skb: SkBuff, route: Route): void {
  const { counts } = net.mib;
  const multicast = route.type === RTN_MULTICAST;
  counts[multicast ? IpMib.IpExtOutMcastPkts : IpMib.IpExtOutBcastPkts]++;
  counts[multicast ? IpMib.IpExtOutMcastOctets : IpMib.IpExtOutBcastOctets] += skb.len;
}
