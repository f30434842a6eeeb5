import { neighEventSend, NUD_VALID } from '@stack/neigh';
import type { NetDevice } from '@stack/netdev';
import { HZ } from '@stack/softirq';
import { isLimitedBroadcast, isMulticast, isZeronet } from '../address/classify.ts';
import { inetAddrOnlink } from '../address/select.ts';
import { RTN_UNICAST, RT_SCOPE_UNIVERSE } from '../constants.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { ipNeighForGw } from '../output/neighbour.ts';
import { updateOrCreateFnhe } from './exceptions.ts';

/** How long a redirect holds, jiffies. @kernel net/ipv4/route.c ip_rt_gc_timeout */
const HOLDS = 300 * HZ;

/**
 * `router` says that `gateway` is the better way to `daddr`. Believed if it is our router for the destination, and the
 * gateway a neighbour. Routers do not listen to each other this way.
 *
 * @kernel net/ipv4/route.c __ip_do_redirect()
 * @rfc 1122 3.3.1.2
 */
export function ipDoRedirect(net: NetnsIpv4, daddr: number, gateway: number, router: number, dev: NetDevice): void {
  if (net.sysctl.ipForward || !net.sysctl.acceptRedirects || gateway === router) return;
  if (isMulticast(gateway) || isLimitedBroadcast(gateway) || isZeronet(gateway)) return;
  if (net.fib.addressType(gateway, null) !== RTN_UNICAST || !inetAddrOnlink(dev, gateway, router)) return;
  const found = net.fib.peek(daddr, 0, RT_SCOPE_UNIVERSE);
  const nextHop = found?.route!.nextHop ?? null;
  if (nextHop === null || nextHop.dev !== dev) return;
  const current = nextHop.exceptions?.get(daddr)?.gateway || nextHop.gateway;
  if (current !== router) return;
  const neigh = ipNeighForGw(net, dev, gateway);
  if (neigh === null) return;
  // The new next hop must exist: ask, and believe a later redirect.
  if ((neigh.state & NUD_VALID) === 0) neighEventSend(neigh, null);
  else updateOrCreateFnhe(nextHop, daddr, gateway, 0, false, net.wheel.jiffies + HOLDS);
}
