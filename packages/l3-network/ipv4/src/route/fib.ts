import { EAGAIN, ENETUNREACH } from '@stack/plugin';
import type { NetDevice } from '@stack/netdev';
import { isLimitedBroadcast, isMulticast, isZeronet } from '../address/classify.ts';
import {
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_UNICAST,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
} from '../constants.ts';
import { FibResult, RTNH_F_DEAD, RTNH_F_LINKDOWN, type FibRoute } from './fib-info.ts';
import { FibTable } from './fib-table.ts';

/** Scope of next hops that are addresses of our own. @kernel include/uapi/linux/rtnetlink.h RT_SCOPE_NOWHERE */
const NOWHERE = 255;

/** The forwarding information base of a host: what the kernel made of addresses, and what was configured. */
export class Fib {
  /** Asked first. */
  readonly local = new FibTable(RT_TABLE_LOCAL);
  readonly main = new FibTable(RT_TABLE_MAIN);
  /** What the last lookup found. */
  readonly result = new FibResult();
  /** Goes up with every change: routes made before are obsolete. */
  genid = 0;
  #reverse = new FibResult();

  /**
   * The route for an address: 0 with {@link result} filled, or a negative errno, -ENETUNREACH when there is none.
   *
   * @kernel include/net/ip_fib.h fib_lookup()
   */
  lookup(address: number, oif: number): number {
    return this.#lookup(address, oif, RT_SCOPE_UNIVERSE, this.result);
  }

  /** A second lookup that leaves {@link result} alone: null when there is none. */
  peek(address: number, oif: number, scope: number): FibResult | null {
    return this.#lookup(address, oif, scope, this.#reverse) === 0 ? this.#reverse : null;
  }

  #lookup(address: number, oif: number, scope: number, result: FibResult): number {
    let error = this.local.lookup(address, oif, scope, result);
    if (error === -EAGAIN) error = this.main.lookup(address, oif, scope, result);
    return error === -EAGAIN ? -ENETUNREACH : error;
  }

  table(id: number): FibTable {
    return id === RT_TABLE_LOCAL ? this.local : this.main;
  }

  /**
   * RTN_* of an address: ours, a broadcast address, multicast, or somebody's. With `dev`, only what is on it counts.
   *
   * @kernel net/ipv4/fib_frontend.c inet_addr_type()
   */
  addressType(address: number, dev: NetDevice | null): number {
    if (isZeronet(address) || isLimitedBroadcast(address)) return RTN_BROADCAST;
    if (isMulticast(address)) return RTN_MULTICAST;
    const found = this.#reverse;
    if (this.local.lookup(address, 0, RT_SCOPE_UNIVERSE, found) !== 0) return RTN_UNICAST;
    return dev === null || found.route!.nextHop!.dev === dev ? found.type : RTN_UNICAST;
  }

  /** The device that has an address of ours, or null. */
  localDevice(address: number): NetDevice | null {
    const found = this.#reverse;
    const none = this.local.lookup(address, 0, RT_SCOPE_UNIVERSE, found) !== 0;
    return none || found.type !== RTN_LOCAL ? null : found.route!.nextHop!.dev;
  }

  /** Everything that was made of routes is out of date. @kernel net/ipv4/route.c rt_cache_flush() */
  flushCache(): void {
    this.genid++;
  }

  /** The device is down: routes through it go, except those to addresses of ours. @kernel net/ipv4/fib_semantics.c fib_sync_down_dev() */
  syncDownDev(dev: NetDevice, force: boolean): void {
    this.remove(({ nextHop }) => nextHop?.dev === dev && (force || nextHop.scope !== NOWHERE));
  }

  /** Routes that prefer an address which is no longer ours. @kernel net/ipv4/fib_semantics.c fib_sync_down_addr() */
  syncDownAddr(address: number): void {
    this.remove(({ attributes }) => attributes.source === address);
  }

  /** The cable is out, or back. @kernel net/ipv4/fib_semantics.c fib_sync_up() */
  syncCarrier(dev: NetDevice): void {
    for (const { nextHop } of [...this.local.routes, ...this.main.routes]) {
      if (nextHop?.dev !== dev) continue;
      nextHop.flags = dev.carrier ? nextHop.flags & ~RTNH_F_LINKDOWN : nextHop.flags | RTNH_F_LINKDOWN;
    }
    this.flushCache();
  }

  /** Takes routes out of all tables; how many. */
  remove(which: (route: FibRoute) => boolean): number {
    const gone = [...this.local.remove(which), ...this.main.remove(which)];
    for (const { nextHop } of gone) if (nextHop !== null) nextHop.flags |= RTNH_F_DEAD;
    if (gone.length > 0) this.flushCache();
    return gone.length;
  }
}
