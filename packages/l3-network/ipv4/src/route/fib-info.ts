import type { RouteMetrics } from './metrics.ts';
import type { NetDevice } from '@stack/netdev';
import { maskOf } from '../address/classify.ts';
import type { NextHopException } from './exceptions.ts';
import type { Route } from './route.ts';

/** The device is gone or down; the cable is out. @kernel include/uapi/linux/rtnetlink.h RTNH_F_DEAD */
export const RTNH_F_DEAD = 1;
export const RTNH_F_ONLINK = 4;
export const RTNH_F_LINKDOWN = 16;

/** Where a route leads, with the routes for packets made from it. @kernel include/net/ip_fib.h struct fib_nh_common */
export class FibNextHop {
  readonly dev: NetDevice;
  /** int32; 0 when destinations are on the link. */
  readonly gateway: number;
  /** RT_SCOPE_*: how far the next hop itself is. NOWHERE for addresses of our own. */
  readonly scope: number;
  /** RTNH_F_*. */
  flags: number;
  /** Routes handed to packets: one for all destinations that have no exception. */
  output: Route | null = null;
  input: Route | null = null;
  /** What was learned of single destinations. */
  exceptions: Map<number, NextHopException> | null = null;

  constructor(dev: NetDevice, gateway: number, scope: number, flags: number) {
    this.dev = dev;
    this.gateway = gateway;
    this.scope = scope;
    this.flags = flags;
  }
}

/** What a route says besides where it leads. */
export interface FibAttributes {
  /** RTN_*, RT_SCOPE_*, RTPROT_*. */
  readonly type: number;
  readonly scope: number;
  readonly protocol: number;
  /** The lower, the better. */
  readonly metric: number;
  /** Preferred source address, 0 for none. */
  readonly source: number;
  /** Bytes, 0 for what the device says. */
  readonly mtu: number;
  readonly advmss: number;
  readonly metrics: RouteMetrics;
}

/** A route in a table. @kernel net/ipv4/fib_lookup.h struct fib_alias */
export class FibRoute {
  /** int32, without host bits. */
  readonly prefix: number;
  readonly prefixLength: number;
  readonly mask: number;
  readonly attributes: FibAttributes;
  /** Null for routes that lead nowhere: blackhole, unreachable, prohibit, throw. */
  readonly nextHop: FibNextHop | null;

  constructor(prefix: number, prefixLength: number, attributes: FibAttributes, nextHop: FibNextHop | null) {
    this.mask = maskOf(prefixLength);
    this.prefix = prefix & this.mask;
    this.prefixLength = prefixLength;
    this.attributes = attributes;
    this.nextHop = nextHop;
  }
}

/** What a lookup found. One object serves all lookups of a host: read it before the next one. @kernel include/net/ip_fib.h struct fib_result */
export class FibResult {
  /** Null only before the first lookup. */
  route: FibRoute | null = null;
  /** RTN_*. */
  type = 0;
  table = 0;
}
