import { EADDRNOTAVAIL, ENETUNREACH } from '@stack/plugin';
import type { InetSock } from '../inet-sock.ts';
import type { Flow4 } from '../ip-output.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { optionsFirstHop } from '../output/options-build.ts';
import { ipRouteOutputFlow } from './output.ts';
import type { Route } from './route.ts';

/** The socket's cached route, if it still holds. @kernel net/core/sock.c __sk_dst_check() */
export function skDstCheck(sk: InetSock): Route | null {
  const route = sk.dstCache as Route | null;
  if (route === null) return null;
  if (!route.obsolete) return route;
  sk.dstCache = null;
  return null;
}

/**
 * Finds a route for a connected socket, and keeps it there.
 *
 * @kernel include/net/route.h ip_route_output_ports()
 */
export function ipRouteOutputPorts(net: NetnsIpv4, sk: InetSock): Route | null {
  const route = ipRouteOutputFlow(net, flowOf(net.flow, sk));
  if (route !== null) sk.dstCache = route;
  return route;
}

/**
 * Finds a route for a connection that begins: chooses the source address if the socket has none.
 *
 * @kernel include/net/route.h ip_route_connect()
 */
export function ipRouteConnect(net: NetnsIpv4, sk: InetSock): number {
  const flow = flowOf(net.flow, sk);
  const route = ipRouteOutputFlow(net, flow);
  if (route === null) return net.routeError === 0 ? -ENETUNREACH : net.routeError;
  if (flow.saddr === 0) return -EADDRNOTAVAIL;
  if (sk.saddr === 0) sk.saddr = flow.saddr;
  if (sk.daddr === 0) sk.daddr = flow.daddr;
  sk.dstCache = route;
  return 0;
}

function flowOf(flow: Flow4, sk: InetSock): Flow4 {
  flow.daddr = sk.settings.ipOptions === null ? sk.daddr : optionsFirstHop(sk.settings.ipOptions) || sk.daddr;
  flow.saddr = sk.saddr;
  flow.protocol = sk.protocol;
  flow.tos = sk.settings.tos;
  flow.mark = sk.settings.mark;
  flow.oif = sk.boundDevIf;
  return flow;
}
