import { EHOSTUNREACH } from '@stack/plugin';
import type { NetDevice } from '@stack/netdev';
import { DropReason, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { ipCheckMc } from '../address/groups.ts';
import { inDevGet } from '../address/in-device.ts';
import { isLimitedBroadcast, isLoopback, isMulticast, isZeronet } from '../address/classify.ts';
import { RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST, RTN_UNICAST, RTN_UNREACHABLE } from '../constants.ts';
import { IPCB_FLAGS, IPSKB_DOREDIRECT } from '../ipcb.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { inetAddrOnlink } from '../address/select.ts';
import { cachedInput, routeFrom, rtCacheRoute, rtCacheValid } from './cache.ts';
import { findException } from './exceptions.ts';
import type { FibRoute } from './fib-info.ts';
import { loopbackDevice } from './output.ts';
import { RTCF_BROADCAST, RTCF_LOCAL, RTCF_MULTICAST, rtDstAlloc, type Route } from './route.ts';
import { fibValidateSource, SOURCE_ONLINK, SOURCE_RPFILTER } from './validate-source.ts';

/** What an input lookup answers: the packet has a route, or a reason (DropReason) why it may not pass. */
export const ROUTED = -1;

/**
 * Gives a packet that came in by `dev` its route (`skb.dst`), which may be one that refuses it. {@link ROUTED}, or
 * the drop reason.
 *
 * @kernel net/ipv4/route.c ip_route_input_noref()
 */
export function ipRouteInputNoref(net: NetnsIpv4, skb: SkBuff, daddr: number, saddr: number, dev: NetDevice): number {
  if (tracing.on) trace('ip_route_input_noref', skb);
  if (isMulticast(daddr)) {
    const inDev = inDevGet(dev);
    if (inDev === null || !ipCheckMc(inDev, daddr)) return DropReason.IP_INVALID_DEST;
    return ipRouteInputMc(net, skb, saddr, dev);
  }
  return ipRouteInputSlow(net, skb, daddr, saddr, dev);
}

/** @kernel net/ipv4/route.c ip_route_input_mc() */
function ipRouteInputMc(net: NetnsIpv4, skb: SkBuff, saddr: number, dev: NetDevice): number {
  if (isMulticast(saddr) || isLimitedBroadcast(saddr)) return DropReason.IP_INVALID_SOURCE;
  if (isLoopback(saddr) && !net.sysctl.routeLocalnet) return DropReason.IP_LOCALNET;
  if (!isZeronet(saddr)) {
    const answer = fibValidateSource(net, saddr, 0, dev);
    if (answer < 0) return martianSource(net, answer);
  }
  net.stats.inMc++;
  return local(net, skb, dev, RTCF_LOCAL | RTCF_MULTICAST, RTN_MULTICAST);
}

/** @kernel net/ipv4/route.c ip_route_input_slow() */
function ipRouteInputSlow(net: NetnsIpv4, skb: SkBuff, daddr: number, saddr: number, dev: NetDevice): number {
  if (inDevGet(dev) === null) return DropReason.IP_INVALID_DEST;
  if (isMulticast(saddr) || isLimitedBroadcast(saddr)) return refuseSource(net, DropReason.IP_INVALID_SOURCE);
  if (isLimitedBroadcast(daddr) || (saddr === 0 && daddr === 0)) return broadcast(net, skb, saddr, dev);
  if (isZeronet(saddr)) return refuseSource(net, DropReason.IP_INVALID_SOURCE);
  if (isZeronet(daddr)) return refuseDestination(net, DropReason.IP_INVALID_DEST);
  if (!net.sysctl.routeLocalnet && (isLoopback(daddr) || isLoopback(saddr)) && dev !== loopbackDevice(net)) {
    return isLoopback(daddr)
      ? refuseDestination(net, DropReason.IP_LOCALNET)
      : refuseSource(net, DropReason.IP_LOCALNET);
  }
  if (tracing.on) trace('fib_lookup', skb);
  const error = net.fib.lookup(daddr, 0);
  if (error < 0) return noRoute(net, skb, dev, net.sysctl.ipForward ? error : -EHOSTUNREACH);
  const { type } = net.fib.result;
  const fib = net.fib.result.route!;
  if (type === RTN_BROADCAST) return broadcast(net, skb, saddr, dev);
  if (type === RTN_LOCAL) {
    const answer = fibValidateSource(net, saddr, 0, dev);
    return answer < 0 ? martianSource(net, answer) : localCached(net, skb, dev, fib);
  }
  if (!net.sysctl.ipForward) return noRoute(net, skb, dev, -EHOSTUNREACH);
  if (type !== RTN_UNICAST) return refuseDestination(net, DropReason.IP_INVALID_DEST);
  return ipMkrouteInput(net, skb, fib, daddr, saddr, dev);
}

/** To everybody on the link. */
function broadcast(net: NetnsIpv4, skb: SkBuff, saddr: number, dev: NetDevice): number {
  if (!isZeronet(saddr)) {
    const answer = fibValidateSource(net, saddr, 0, dev);
    if (answer < 0) return martianSource(net, answer);
  }
  net.stats.inBrd++;
  return local(net, skb, dev, RTCF_LOCAL | RTCF_BROADCAST, RTN_BROADCAST);
}

/** To an address of ours: one route serves all such packets. */
function localCached(net: NetnsIpv4, skb: SkBuff, dev: NetDevice, fib: FibRoute): number {
  const nextHop = fib.nextHop!;
  const cached = nextHop.input;
  if (rtCacheValid(cached)) {
    skb.dst = cached;
    return ROUTED;
  }
  local(net, skb, dev, RTCF_LOCAL, RTN_LOCAL);
  rtCacheRoute(nextHop, null, skb.dst as Route);
  return ROUTED;
}

/** A route that ends here. Sending along it would be a mistake of ours. */
function local(net: NetnsIpv4, skb: SkBuff, dev: NetDevice, flags: number, type: number): number {
  const route = rtDstAlloc(net, loopbackDevice(net) ?? dev, flags, type);
  net.stats.inSlowTot++;
  route.isInput = true;
  route.output = net.steps.discard;
  skb.dst = route;
  return ROUTED;
}

/** A route that answers with an ICMP error. */
function noRoute(net: NetnsIpv4, skb: SkBuff, dev: NetDevice, error: number): number {
  net.stats.inNoRoute++;
  local(net, skb, dev, 0, RTN_UNREACHABLE);
  const route = skb.dst as Route;
  route.input = net.steps.error;
  route.error = -error;
  return ROUTED;
}

/**
 * A route to somebody else, for whom we forward.
 *
 * @kernel net/ipv4/route.c ip_mkroute_input()
 */
function ipMkrouteInput(
  net: NetnsIpv4,
  skb: SkBuff,
  fib: FibRoute,
  daddr: number,
  saddr: number,
  dev: NetDevice,
): number {
  if (tracing.on) trace('ip_mkroute_input', skb);
  const nextHop = fib.nextHop!;
  const out = nextHop.dev;
  if (inDevGet(out) === null) return DropReason.IP_INNOROUTES;
  const answer = fibValidateSource(net, saddr, out.ifindex, dev);
  if (answer < 0) return martianSource(net, answer);
  if (
    out === dev &&
    answer === SOURCE_ONLINK &&
    net.sysctl.sendRedirects &&
    inetAddrOnlink(out, saddr, nextHop.gateway)
  ) {
    skb.cb[IPCB_FLAGS] |= IPSKB_DOREDIRECT;
  }
  const exception = findException(nextHop, daddr, net.wheel.jiffies);
  const cached = cachedInput(nextHop, exception);
  if (rtCacheValid(cached)) {
    skb.dst = cached;
    return ROUTED;
  }
  const route = routeFrom(net, out, 0, fib.attributes.type, fib, exception);
  net.stats.inSlowTot++;
  route.isInput = true;
  route.input = net.steps.forward;
  rtCacheRoute(nextHop, exception, route);
  skb.dst = route;
  return ROUTED;
}

/** The source is one that cannot come in here. @kernel net/ipv4/route.c ip_handle_martian_source() */
function martianSource(net: NetnsIpv4, answer: number): number {
  if (answer === SOURCE_RPFILTER) return refuseSource(net, DropReason.IP_RPFILTER);
  return refuseSource(net, DropReason.IP_LOCAL_SOURCE);
}

function refuseSource(net: NetnsIpv4, reason: number): number {
  net.stats.inMartianSrc++;
  return reason;
}

function refuseDestination(net: NetnsIpv4, reason: number): number {
  net.stats.inMartianDst++;
  return reason;
}
