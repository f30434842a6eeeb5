import { EINVAL, ENETUNREACH, ENODEV } from '@stack/plugin';
import { IFF_LOOPBACK, type NetDevice } from '@stack/netdev';
import { isLimitedBroadcast, isLocalMulticast, isLoopback, isMulticast, isZeronet } from '../address/classify.ts';
import { inDevGet } from '../address/in-device.ts';
import { ipCheckMc } from '../address/groups.ts';
import { inetSelectAddr, ipDevFind } from '../address/select.ts';
import {
  INADDR_LOOPBACK,
  IPPROTO_IGMP,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_UNICAST,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
} from '../constants.ts';
import type { Flow4 } from '../ip-output.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { cachedOutput, routeFrom, rtCacheRoute, rtCacheValid } from './cache.ts';
import { findException } from './exceptions.ts';
import type { FibRoute } from './fib-info.ts';
import { RTCF_BROADCAST, RTCF_LOCAL, RTCF_MULTICAST, type Route } from './route.ts';

/**
 * The route for a packet of ours; fills in `flow.saddr`, and `flow.daddr` when it is 0. Null when there is none, with the
 * negative errno in `net.routeError`. With `anySource` the source address need not be ours.
 *
 * @kernel net/ipv4/route.c ip_route_output_key_hash_rcu()
 */
export function ipRouteOutputFlow(net: NetnsIpv4, flow: Flow4, anySource = false): Route | null {
  net.routeError = 0;
  let dev: NetDevice | null = null;
  if (flow.saddr !== 0) {
    const error = checkSource(net, flow, anySource);
    if (error !== 0) return unreachable(net, error);
    if (flow.oif === 0 && isGroup(flow.daddr)) {
      dev = ipDevFind(net, flow.saddr);
      return dev === null ? unreachable(net, -EINVAL) : __mkrouteOutput(net, flow, RTN_UNICAST, null, dev, 0);
    }
  }
  if (flow.oif !== 0) {
    dev = net.core.devicesByIndex.get(flow.oif) ?? null;
    if (dev === null) return unreachable(net, -ENODEV);
    if (!dev.isUp || inDevGet(dev) === null) return unreachable(net, -ENETUNREACH);
    if (isLocalMulticast(flow.daddr) || isLimitedBroadcast(flow.daddr) || flow.protocol === IPPROTO_IGMP) {
      if (flow.saddr === 0) flow.saddr = inetSelectAddr(net, dev, 0, RT_SCOPE_LINK);
      return __mkrouteOutput(net, flow, RTN_UNICAST, null, dev, flow.oif);
    }
    if (flow.saddr === 0 && isMulticast(flow.daddr)) flow.saddr = inetSelectAddr(net, dev, 0, RT_SCOPE_LINK);
    else if (flow.saddr === 0 && flow.daddr === 0) flow.saddr = inetSelectAddr(net, dev, 0, RT_SCOPE_HOST);
  }
  if (flow.daddr === 0) return toOurselves(net, flow);
  return lookUp(net, flow, dev);
}

/** To no address at all: whom else could it be for? */
function toOurselves(net: NetnsIpv4, flow: Flow4): Route | null {
  if (flow.saddr === 0) flow.saddr = INADDR_LOOPBACK;
  flow.daddr = flow.saddr;
  const lo = loopbackDevice(net);
  return lo === null ? unreachable(net, -ENETUNREACH) : __mkrouteOutput(net, flow, RTN_LOCAL, null, lo, flow.oif);
}

function lookUp(net: NetnsIpv4, flow: Flow4, wanted: NetDevice | null): Route | null {
  const { fib } = net;
  const error = fib.lookup(flow.daddr, flow.oif);
  if (error < 0) {
    // A device was asked for and no route leads through it: the destination is taken to be on its link.
    if (wanted === null) return unreachable(net, error);
    if (flow.saddr === 0) flow.saddr = inetSelectAddr(net, wanted, 0, RT_SCOPE_LINK);
    return __mkrouteOutput(net, flow, RTN_UNICAST, null, wanted, flow.oif);
  }
  const route = fib.result.route!;
  if (fib.result.type === RTN_LOCAL) {
    if (flow.saddr === 0) flow.saddr = route.attributes.source === 0 ? flow.daddr : route.attributes.source;
    const lo = loopbackDevice(net);
    if (lo === null) return unreachable(net, -ENETUNREACH);
    return __mkrouteOutput(net, flow, RTN_LOCAL, route, lo, route.nextHop!.dev.ifindex);
  }
  if (flow.saddr === 0) flow.saddr = fibResultPrefsrc(net, route);
  return __mkrouteOutput(net, flow, fib.result.type, route, route.nextHop!.dev, flow.oif);
}

/** The source address a route prefers. @kernel net/ipv4/fib_semantics.c fib_result_prefsrc() */
export function fibResultPrefsrc(net: NetnsIpv4, route: FibRoute): number {
  const { attributes, nextHop } = route;
  if (attributes.source !== 0) return attributes.source;
  return inetSelectAddr(net, nextHop!.dev, nextHop!.gateway, attributes.scope);
}

/** A source that was asked for must be an address of ours, unless any will do. */
function checkSource(net: NetnsIpv4, flow: Flow4, anySource: boolean): number {
  const { saddr } = flow;
  if (isMulticast(saddr) || isLimitedBroadcast(saddr) || isZeronet(saddr)) return -EINVAL;
  return anySource || ipDevFind(net, saddr) !== null ? 0 : -EINVAL;
}

/**
 * The route for packets, cached or new.
 *
 * @kernel net/ipv4/route.c __mkroute_output()
 */
function __mkrouteOutput(
  net: NetnsIpv4,
  flow: Flow4,
  found: number,
  fibRoute: FibRoute | null,
  dev: NetDevice,
  origOif: number,
): Route | null {
  if (inDevGet(dev) === null) return unreachable(net, -EINVAL);
  const onLoopback = (dev.flags & IFF_LOOPBACK) !== 0;
  if (isLoopback(flow.saddr) && !onLoopback && !net.sysctl.routeLocalnet) return unreachable(net, -EINVAL);
  if (isZeronet(flow.daddr)) return unreachable(net, -EINVAL);
  let type = found;
  let flags = onLoopback ? RTCF_LOCAL : 0;
  let fib = fibRoute;
  let cache = fib !== null;
  if (isLimitedBroadcast(flow.daddr) || type === RTN_BROADCAST) {
    type = RTN_BROADCAST;
    flags |= RTCF_BROADCAST | RTCF_LOCAL;
    fib = null;
    cache = false;
  } else if (isMulticast(flow.daddr)) {
    type = RTN_MULTICAST;
    flags |= RTCF_MULTICAST;
    if (ipCheckMc(inDevGet(dev)!, flow.daddr)) flags |= RTCF_LOCAL;
    // Membership may change; and the default route says nothing of multicast.
    cache = false;
    if (fib !== null && fib.prefixLength < 4) fib = null;
  } else if (type === RTN_LOCAL && origOif !== 0 && fib !== null && flow.oif !== 0) {
    cache = false;
  }
  return __mkrouteCached(net, flow, dev, flags, type, fib, cache);
}

function __mkrouteCached(
  net: NetnsIpv4,
  flow: Flow4,
  dev: NetDevice,
  flags: number,
  type: number,
  fib: FibRoute | null,
  cache: boolean,
): Route {
  const nextHop = fib?.nextHop ?? null;
  const exception = nextHop === null ? null : findException(nextHop, flow.daddr, net.wheel.jiffies);
  if (cache && nextHop !== null) {
    const cached = cachedOutput(nextHop, exception);
    if (rtCacheValid(cached)) return cached;
  }
  const route = routeFrom(net, dev, flags, type, fib, exception);
  net.stats.outSlowTot++;
  route.source = fib === null || type === RTN_LOCAL ? flow.saddr : fibResultPrefsrc(net, fib);
  if (type === RTN_LOCAL && fib !== null && fib.attributes.source !== 0) route.source = fib.attributes.source;
  const alsoHere = (flags & RTCF_LOCAL) !== 0 && (dev.flags & IFF_LOOPBACK) === 0;
  if (alsoHere && (flags & (RTCF_BROADCAST | RTCF_MULTICAST)) !== 0) route.output = net.steps.mcOutput;
  if (cache && nextHop !== null) rtCacheRoute(nextHop, exception, route);
  return route;
}

function isGroup(address: number): boolean {
  return isMulticast(address) || isLimitedBroadcast(address);
}

/** The device of packets to ourselves. */
export function loopbackDevice(net: NetnsIpv4): NetDevice | null {
  for (const dev of net.core.devices.values()) if ((dev.flags & IFF_LOOPBACK) !== 0) return dev;
  return null;
}

function unreachable(net: NetnsIpv4, error: number): null {
  net.routeError = error;
  return null;
}
