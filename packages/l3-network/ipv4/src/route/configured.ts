import type { NetDevice } from '@stack/netdev';
import { StackError } from '@stack/plugin';
import { formatIpv4, parseCidr, parseIpv4 } from '../address/text.ts';
import {
  RTN_BLACKHOLE,
  RTN_LOCAL,
  RTN_PROHIBIT,
  RTN_THROW,
  RTN_UNICAST,
  RTN_UNREACHABLE,
  RTPROT_BOOT,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_UNIVERSE,
} from '../constants.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { FibNextHop, FibRoute, RTNH_F_LINKDOWN, RTNH_F_ONLINK } from './fib-info.ts';
import { NO_METRICS, type RouteMetrics } from './metrics.ts';

/** A route as `ip route add` takes it. */
export interface RouteOptions {
  /** `'default'`, `'10.1.0.0/16'` or one address. */
  to: string;
  /** The next hop; without it destinations are on the link of `dev`. */
  via?: string;
  /** The device; may be left out when `via` says it. */
  dev?: NetDevice | string;
  /** The lower, the better; 0 unless given. */
  metric?: number;
  /** `unicast` unless given; the others drop packets, and all but `blackhole` tell the sender why. */
  type?: 'unicast' | 'blackhole' | 'unreachable' | 'prohibit' | 'throw';
  /** The source address to prefer. */
  source?: string;
  /** Bytes of the largest packet and of the MSS to announce. */
  mtu?: number;
  advmss?: number;
  /** Of the connections over it. */
  metrics?: RouteMetrics;
  /** Believe that `via` is on the link although no route says so. */
  onlink?: boolean;
}

const TYPES = {
  unicast: RTN_UNICAST,
  blackhole: RTN_BLACKHOLE,
  unreachable: RTN_UNREACHABLE,
  prohibit: RTN_PROHIBIT,
  throw: RTN_THROW,
} as const;

/**
 * Adds a route to the main table. Throws `ERR_STACK_ROUTE` when the next hop cannot be reached or the route exists,
 * `ERR_STACK_ADDRESS` for what is no address, `ERR_STACK_DEVICE_UNKNOWN`.
 *
 * @kernel net/ipv4/fib_frontend.c inet_rtm_newroute()
 */
export function addRoute(net: NetnsIpv4, options: RouteOptions): void {
  const { address, prefixLength } = parseDestination(options.to);
  const type = TYPES[options.type ?? 'unicast'];
  const nextHop = type === RTN_UNICAST ? nextHopOf(net, options) : null;
  const route = new FibRoute(
    address,
    prefixLength,
    {
      type,
      scope: nextHop === null || nextHop.gateway !== 0 ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
      protocol: RTPROT_BOOT,
      metric: options.metric ?? 0,
      source: options.source === undefined ? 0 : ownAddress(net, options.source),
      mtu: options.mtu ?? 0,
      advmss: options.advmss ?? 0,
      metrics: options.metrics ?? NO_METRICS,
    },
    nextHop,
  );
  if (route.prefix !== address)
    throw badRoute(options, 'has bits behind its prefix', `write ${formatIpv4(route.prefix)}/${prefixLength}`);
  if (!net.fib.main.insert(route, true))
    throw badRoute(options, 'exists with this metric', 'delete it first, or give another metric');
  net.fib.flushCache();
}

/**
 * Removes routes of the main table; what is not given matches any. Throws `ERR_STACK_ROUTE` when there is none.
 *
 * @kernel net/ipv4/fib_frontend.c inet_rtm_delroute()
 */
export function deleteRoute(net: NetnsIpv4, options: RouteOptions): void {
  const { address, prefixLength } = parseDestination(options.to);
  const via = options.via === undefined ? undefined : parseIpv4(options.via);
  const dev = options.dev === undefined ? undefined : deviceOf(net, options.dev);
  const type = options.type === undefined ? undefined : TYPES[options.type];
  const [first] = net.fib.main.routes.filter(
    ({ prefix, prefixLength: length, nextHop, attributes }) =>
      prefix === address &&
      length === prefixLength &&
      (via === undefined || nextHop?.gateway === via) &&
      (dev === undefined || nextHop?.dev === dev) &&
      (type === undefined || attributes.type === type) &&
      (options.metric === undefined || attributes.metric === options.metric),
  );
  if (first === undefined) throw badRoute(options, 'does not exist', 'list the routes');
  net.fib.remove((route) => route === first);
}

function parseDestination(text: string): { address: number; prefixLength: number } {
  return text === 'default' ? { address: 0, prefixLength: 0 } : parseCidr(text);
}

/** @kernel net/ipv4/fib_semantics.c fib_check_nh() */
function nextHopOf(net: NetnsIpv4, options: RouteOptions): FibNextHop {
  const dev = options.dev === undefined ? null : deviceOf(net, options.dev);
  if (options.via !== undefined) return gatewayOf(net, options, parseIpv4(options.via), dev);
  if (dev === null) throw badRoute(options, 'has neither a next hop nor a device', 'give via or dev');
  if (!dev.isUp) throw badRoute(options, `leads through ${dev.name}, which is down`, 'bring the device up first');
  return new FibNextHop(dev, 0, RT_SCOPE_HOST, linkFlags(dev));
}

/** The next hop must be a neighbour. @kernel net/ipv4/fib_semantics.c fib_check_nh_v4_gw() */
function gatewayOf(net: NetnsIpv4, options: RouteOptions, gateway: number, wanted: NetDevice | null): FibNextHop {
  if (options.onlink === true) {
    if (wanted === null || !wanted.isUp || net.fib.addressType(gateway, null) !== RTN_UNICAST) {
      throw badRoute(options, 'cannot be on the link', 'give dev, a device that is up, and a unicast next hop');
    }
    return new FibNextHop(wanted, gateway, RT_SCOPE_LINK, RTNH_F_ONLINK | linkFlags(wanted));
  }
  const found = net.fib.peek(gateway, wanted?.ifindex ?? 0, RT_SCOPE_LINK);
  const dev = found?.route!.nextHop?.dev;
  if (found === null || dev === undefined) {
    throw badRoute(
      options,
      'has a next hop that no network of ours contains',
      'give the host an address on the network of the next hop, or set onlink',
    );
  }
  if (found.type === RTN_LOCAL)
    throw badRoute(options, 'has an address of our own as next hop', "give a neighbour's address");
  if (found.type !== RTN_UNICAST)
    throw badRoute(options, 'has a next hop that is no host', "give a neighbour's address");
  if (!dev.isUp) throw badRoute(options, `leads through ${dev.name}, which is down`, 'bring the device up first');
  return new FibNextHop(dev, gateway, found.route!.attributes.scope, linkFlags(dev));
}

function linkFlags(dev: NetDevice): number {
  return dev.carrier ? 0 : RTNH_F_LINKDOWN;
}

function deviceOf(net: NetnsIpv4, dev: NetDevice | string): NetDevice {
  if (typeof dev !== 'string') return dev;
  const found = net.core.devices.get(dev);
  if (found !== undefined) return found;
  const names = [...net.core.devices.keys()].join(', ');
  throw new StackError(
    'ERR_STACK_DEVICE_UNKNOWN',
    `there is no device ${dev}`,
    `the host has ${names === '' ? 'none' : names}`,
  );
}

function ownAddress(net: NetnsIpv4, text: string): number {
  const address = parseIpv4(text);
  if (net.fib.addressType(address, null) === RTN_LOCAL) return address;
  throw new StackError(
    'ERR_STACK_ROUTE',
    `the source ${text} is no address of this host`,
    'add the address to a device first',
  );
}

function badRoute(options: RouteOptions, problem: string, remedy: string): StackError {
  const via = options.via === undefined ? '' : ` via ${options.via}`;
  return new StackError('ERR_STACK_ROUTE', `the route to ${options.to}${via} ${problem}`, remedy);
}
