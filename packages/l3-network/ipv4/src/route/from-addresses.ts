import { IFF_LOOPBACK, type NetDevice } from '@stack/netdev';
import { isLimitedBroadcast, isZeronet } from '../address/classify.ts';
import { inDevGet, type InIfaddr } from '../address/in-device.ts';
import {
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_UNICAST,
  RTPROT_KERNEL,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
} from '../constants.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { FibNextHop, FibRoute, RTNH_F_LINKDOWN } from './fib-info.ts';
import { NO_METRICS } from './metrics.ts';

/**
 * An address came: routes to itself, to its network's broadcast address and to its network. The last two exist only
 * while the device is up.
 *
 * @kernel net/ipv4/fib_frontend.c fib_add_ifaddr()
 */
export function fibAddIfaddr(net: NetnsIpv4, ifa: InIfaddr): void {
  const { dev, address, mask, prefixLength } = ifa;
  const source = primaryOf(ifa).address;
  fibMagic(net, RTN_LOCAL, dev, address, 32, source);
  if (dev.isUp) {
    const prefix = address & mask;
    if (ifa.broadcast !== 0 && !isLimitedBroadcast(ifa.broadcast)) {
      fibMagic(net, RTN_BROADCAST, dev, ifa.broadcast, 32, source);
    }
    if (!isZeronet(prefix) && !ifa.secondary && (prefix !== address || prefixLength < 32)) {
      fibMagic(net, (dev.flags & IFF_LOOPBACK) !== 0 ? RTN_LOCAL : RTN_UNICAST, dev, prefix, prefixLength, source);
      if (prefixLength < 31) fibMagic(net, RTN_BROADCAST, dev, prefix | ~mask, 32, source);
    }
  }
  net.fib.flushCache();
}

/**
 * An address went: so do the routes that nobody else on the device accounts for.
 *
 * @kernel net/ipv4/fib_frontend.c fib_del_ifaddr()
 */
export function fibDelIfaddr(net: NetnsIpv4, ifa: InIfaddr): void {
  const { dev } = ifa;
  net.fib.remove((route) => {
    const { protocol, source } = route.attributes;
    if (route.nextHop?.dev !== dev || protocol !== RTPROT_KERNEL) return false;
    return source === ifa.address || (route.prefixLength === 32 && route.prefix === ifa.address);
  });
  for (const other of inDevGet(dev)?.addresses ?? []) fibAddIfaddr(net, other);
  if (!net.ifaddrs.has(ifa.address)) net.fib.syncDownAddr(ifa.address);
  net.fib.flushCache();
}

/** @kernel net/ipv4/fib_frontend.c fib_magic() */
function fibMagic(
  net: NetnsIpv4,
  type: number,
  dev: NetDevice,
  prefix: number,
  prefixLength: number,
  source: number,
): void {
  const local = type === RTN_LOCAL;
  const scope = local ? RT_SCOPE_HOST : RT_SCOPE_LINK;
  const attributes = {
    type,
    scope,
    protocol: RTPROT_KERNEL,
    metric: 0,
    source,
    mtu: 0,
    advmss: 0,
    metrics: NO_METRICS,
  };
  const nextHop = new FibNextHop(dev, 0, local ? RT_SCOPE_NOWHERE : RT_SCOPE_HOST, dev.carrier ? 0 : RTNH_F_LINKDOWN);
  const table = type === RTN_UNICAST ? net.fib.main : net.fib.local;
  table.insert(new FibRoute(prefix, prefixLength, attributes, nextHop), false);
}

/** The first address of the same network on the device. */
function primaryOf(ifa: InIfaddr): InIfaddr {
  if (!ifa.secondary) return ifa;
  const addresses = inDevGet(ifa.dev)?.addresses ?? [];
  return addresses.find((other) => !other.secondary && other.mask === ifa.mask && other.covers(ifa.address)) ?? ifa;
}
