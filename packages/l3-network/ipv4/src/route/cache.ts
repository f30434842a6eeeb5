import type { NetDevice } from '@stack/netdev';
import type { NetnsIpv4 } from '../netns.ts';
import type { NextHopException } from './exceptions.ts';
import type { FibNextHop, FibRoute } from './fib-info.ts';
import { rtDstAlloc, type Route } from './route.ts';

/** A cached route that still holds. @kernel net/ipv4/route.c rt_cache_valid() */
export function rtCacheValid(route: Route | null): route is Route {
  return route !== null && !route.obsolete;
}

/** The cached route for packets out, of the next hop or of the one destination. */
export function cachedOutput(nextHop: FibNextHop, exception: NextHopException | null): Route | null {
  return exception === null ? nextHop.output : exception.output;
}

/** The cached route for packets in. */
export function cachedInput(nextHop: FibNextHop, exception: NextHopException | null): Route | null {
  return exception === null ? nextHop.input : exception.input;
}

/** Keeps a route for the packets that follow. @kernel net/ipv4/route.c rt_cache_route() */
export function rtCacheRoute(nextHop: FibNextHop, exception: NextHopException | null, route: Route): void {
  const place = exception ?? nextHop;
  if (route.isInput) place.input = route;
  else place.output = route;
}

/** A new route to where the FIB's route leads. */
export function routeFrom(
  net: NetnsIpv4,
  dev: NetDevice,
  flags: number,
  type: number,
  fib: FibRoute | null,
  exception: NextHopException | null,
): Route {
  const route = rtDstAlloc(net, dev, flags, type);
  if (fib !== null) rtSetNexthop(route, fib, exception);
  return route;
}

/** Next hop, source and metrics, from the FIB and from what was learned. @kernel net/ipv4/route.c rt_set_nexthop() */
function rtSetNexthop(route: Route, fib: FibRoute, exception: NextHopException | null): void {
  const { attributes, nextHop } = fib;
  route.gateway = nextHop?.gateway ?? 0;
  route.mtuMetric = attributes.mtu;
  route.advmssMetric = attributes.advmss;
  route.metrics = attributes.metrics;
  route.mtuLocked = attributes.metrics.mtuLocked === true;
  if (exception === null) return;
  if (exception.gateway !== 0) route.gateway = exception.gateway;
  route.pmtu = exception.pmtu;
  route.mtuLocked ||= exception.mtuLocked;
  route.expires = exception.expires;
}
