import type { NetDevice } from '@stack/netdev';
import type { SkBuff } from '@stack/skb';
import { IP_MAX_MTU } from '../constants.ts';
import type { NetnsIpv4 } from '../netns.ts';
import type { DstInput, DstOutput, Rtable } from '../rtable.ts';
import { NO_METRICS } from './metrics.ts';

/** To whom a route leads. @kernel include/uapi/linux/in_route.h RTCF_LOCAL */
export const RTCF_BROADCAST = 0x10000000;
export const RTCF_MULTICAST = 0x20000000;
export const RTCF_LOCAL = 0x80000000 | 0;

/** IPv4 header and TCP header without options. */
const HEADERS = 40;

/** Routes for packets; made by {@link rtDstAlloc}, cached with next hops. @kernel include/net/route.h struct rtable */
export class Route implements Rtable {
  readonly net: NetnsIpv4;
  readonly dev: NetDevice;
  readonly type: number;
  /** RTCF_*. */
  readonly flags: number;
  input: DstInput;
  output: DstOutput;
  gateway = 0;
  source = 0;
  /** Made for packets that came in, by this ifindex (0: by any). */
  isInput = false;
  iif = 0;
  /** For input routes that refuse: a positive errno. */
  error = 0;
  /** The path's MTU as learned, until the jiffy `expires` (0: for good); 0 when not known. */
  pmtu = 0;
  expires = 0;
  mtuLocked = false;
  /** What the route says of MTU and MSS, 0 when nothing. */
  mtuMetric = 0;
  advmssMetric = 0;
  metrics = NO_METRICS;
  /** Replaced by a better one before its time. */
  dead = false;
  readonly #genid: number;

  constructor(net: NetnsIpv4, dev: NetDevice, flags: number, type: number) {
    this.net = net;
    this.dev = dev;
    this.flags = flags;
    this.type = type;
    this.#genid = net.fib.genid;
    this.output = net.steps.discard;
    this.input = net.steps.discard;
  }

  /** @kernel net/ipv4/route.c rt_is_expired() */
  get obsolete(): boolean {
    return this.dead || this.#genid !== this.net.fib.genid;
  }

  /** @kernel net/ipv4/route.c ipv4_mtu() */
  mtu(): number {
    if (this.pmtu !== 0 && (this.expires === 0 || this.net.wheel.jiffies < this.expires)) return this.pmtu;
    return this.deviceMtu();
  }

  /** Without what was learned of the path. @kernel include/net/ip.h ip_dst_mtu_maybe_forward() */
  deviceMtu(): number {
    return Math.min(this.mtuMetric === 0 ? this.dev.mtu : this.mtuMetric, IP_MAX_MTU);
  }

  /** @kernel net/ipv4/route.c ipv4_default_advmss() */
  advmss(): number {
    if (this.advmssMetric !== 0) return this.advmssMetric;
    return Math.min(Math.max(this.deviceMtu() - HEADERS, this.net.sysctl.minAdvMss), IP_MAX_MTU - HEADERS);
  }
}

/**
 * A route to `dev`: packets leave through ip_output; if RTCF_LOCAL, those that come in are delivered here.
 *
 * @kernel net/ipv4/route.c rt_dst_alloc()
 */
export function rtDstAlloc(net: NetnsIpv4, dev: NetDevice, flags: number, type: number): Route {
  const route = dstAlloc(net, dev, flags, type);
  route.output = net.steps.output;
  if ((flags & RTCF_LOCAL) !== 0) route.input = net.steps.localDeliver;
  return route;
}

/** A route that leads nowhere yet. @kernel net/core/dst.c dst_alloc() */
function dstAlloc(net: NetnsIpv4, dev: NetDevice, flags: number, type: number): Route {
  return new Route(net, dev, flags, type);
}

/** The route of a packet inside IPv4. @kernel include/linux/skbuff.h skb_rtable() */
export function skbRtable(skb: SkBuff): Route {
  return skb.dst as Route;
}

/** Who a packet goes to next. @kernel include/net/route.h rt_nexthop() */
export function rtNexthop(route: Route, daddr: number): number {
  return route.gateway === 0 ? daddr : route.gateway;
}
