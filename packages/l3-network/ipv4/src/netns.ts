import type { Clock, Random } from '@stack/clock';
import type { Arena } from '@stack/memory';
import type { Arp } from '@stack/neigh';
import { SkbList, type NetCore, type NetDevice } from '@stack/netdev';
import type { Netfilter } from '@stack/netfilter';
import { ENODEV, token, type Undo } from '@stack/plugin';
import type { SkbPool } from '@stack/skb';
import type { TimerWheel } from '@stack/softirq';
import { addAddress, deleteAddress, type AddressListener } from './address/addresses.ts';
import { ipMcJoinGroup, ipMcLeaveGroup } from './address/groups.ts';
import { inDevGet, type InIfaddr } from './address/in-device.ts';
import { ipExpire } from './fragment/expire.ts';
import { FragQueues, type FragQueue } from './fragment/frag-queue.ts';
import { IcmpState } from './icmp/state.ts';
import { pingSend, type EchoRequest } from './icmp/ping.ts';
import type { Flow4 } from './ip-output.ts';
import { IP_MIB_NAMES, type IpMibName } from './mib/ip-mib.ts';
import { Mib } from './mib/mib.ts';
import { ProcNet } from './mib/proc-net.ts';
import { EgressProgramList } from './output/egress.ts';
import { IpIdents } from './output/ident.ts';
import { PolicyList } from './policy.ts';
import { ProtocolTable } from './protocols.ts';
import { addRoute, deleteRoute, type RouteOptions } from './route/configured.ts';
import { Fib } from './route/fib.ts';
import type { FibRoute } from './route/fib-info.ts';
import { InetPeers } from './route/peers.ts';
import { makeSteps, type Steps } from './steps.ts';
import { Ipv4Sysctls } from './sysctls.ts';

/** Counters of the route cache. @kernel include/net/route.h struct rt_cache_stat */
class RouteStatistics {
  inSlowTot = 0;
  inMc = 0;
  inBrd = 0;
  inNoRoute = 0;
  inMartianDst = 0;
  inMartianSrc = 0;
  outSlowTot = 0;
}

/** IPv4 of one host: its addresses, routes and settings, and what the functions of this package work on. @kernel include/net/netns/ipv4.h struct netns_ipv4 */
export class NetnsIpv4 {
  readonly core: NetCore;
  readonly clock: Clock;
  readonly random: Random;
  readonly pool: SkbPool;
  readonly arena: Arena;
  readonly wheel: TimerWheel;
  readonly arp: Arp;
  readonly nf: Netfilter;
  readonly sysctl = new Ipv4Sysctls();
  readonly mib = new Mib<IpMibName>(IP_MIB_NAMES);
  readonly stats = new RouteStatistics();
  /** The counters of all protocols, for display. */
  readonly proc = new ProcNet();
  readonly protocols: ProtocolTable;
  readonly egress: EgressProgramList;
  readonly xfrm: PolicyList;
  readonly icmp = new IcmpState();
  readonly fib = new Fib();
  readonly peers = new InetPeers();
  readonly idents: IpIdents;
  readonly frags: FragQueues;
  /** The host's addresses, with every device that has them. */
  readonly ifaddrs = new Map<number, InIfaddr[]>();

  /** @internal Functions that continue a packet's way. */
  readonly steps: Steps;
  /** @internal Why the last output route was not found, a negative errno. */
  routeError = 0;
  // Objects that serve one call at a time.
  /** @internal */
  readonly flow: Flow4 = { daddr: 0, saddr: 0, protocol: 0, tos: 0, mark: 0, oif: 0 };
  readonly icmpFlow: Flow4 = { daddr: 0, saddr: 0, protocol: 0, tos: 0, mark: 0, oif: 0 };
  readonly rcvList = new SkbList();
  readonly finishList = new SkbList();
  readonly ipExpire = (queue: FragQueue): void => ipExpire(this, queue);
  readonly #listeners = new Set<AddressListener>();

  constructor(core: NetCore, arp: Arp, nf: Netfilter, random: Random) {
    this.core = core;
    this.clock = core.clock;
    this.random = random;
    this.pool = core.pool;
    this.arena = core.arena;
    this.wheel = core.timers.boot;
    this.arp = arp;
    this.nf = nf;
    this.protocols = new ProtocolTable(core.faults);
    this.egress = new EgressProgramList(core.faults);
    this.xfrm = new PolicyList(core.faults);
    this.idents = new IpIdents(random, this.wheel);
    this.frags = new FragQueues(this.wheel, random.int32());
    this.steps = makeSteps(this);
  }

  /** Gives a device an address: `addAddress(eth0, '10.0.0.1/24')`. Throws `ERR_STACK_ADDRESS` or `ERR_STACK_ADDRESS_TAKEN`. */
  addAddress(dev: NetDevice, cidr: string): InIfaddr {
    return addAddress(this, dev, cidr);
  }

  /** Throws `ERR_STACK_ADDRESS_UNKNOWN`. */
  deleteAddress(dev: NetDevice, cidr: string): void {
    deleteAddress(this, dev, cidr);
  }

  /** Addresses of a device, or of all. */
  addresses(dev?: NetDevice): InIfaddr[] {
    const devices = dev === undefined ? [...this.core.devices.values()] : [dev];
    return devices.flatMap((each) => inDevGet(each)?.addresses ?? []);
  }

  /** Adds a route to the main table: `addRoute({ to: 'default', via: '10.0.0.254' })`. See {@link RouteOptions}. */
  addRoute(options: RouteOptions): void {
    addRoute(this, options);
  }

  deleteRoute(options: RouteOptions): void {
    deleteRoute(this, options);
  }

  /** Routes of the main table, or of that of our own addresses, longest prefix first. */
  routes(table: 'main' | 'local' = 'main'): FibRoute[] {
    return this.fib[table].routes;
  }

  /** Listens to a multicast group on a device. 0 or a negative errno. */
  joinGroup(dev: NetDevice, group: number): number {
    const inDev = inDevGet(dev);
    return inDev === null ? -ENODEV : ipMcJoinGroup(inDev, group);
  }

  leaveGroup(dev: NetDevice, group: number): number {
    const inDev = inDevGet(dev);
    return inDev === null ? -ENODEV : ipMcLeaveGroup(inDev, group);
  }

  /** Sends an echo request; see {@link IcmpState.listen} for what comes back. 0 or a negative errno. */
  ping(request: EchoRequest): number {
    return pingSend(this, request);
  }

  /** Told of addresses that come and go. */
  onAddress(listener: AddressListener): Undo {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** @internal */
  notifyAddress(ifa: InIfaddr, added: boolean): void {
    for (const listener of this.#listeners) listener(ifa, added);
  }
}

export type Ipv4 = NetnsIpv4;
export const Ipv4 = token<Ipv4>('Ipv4', 'add ipv4() to the host');
