import type { Clock } from '@stack/clock';
import type { Arena } from '@stack/memory';
import { token, type Faults } from '@stack/plugin';
import type { SkbPool } from '@stack/skb';
import type { Cpus, TimerWheels } from '@stack/softirq';
import type { NetDevice } from './device/net-device.ts';
import type { NetdeviceNotifier } from './device/notifiers.ts';
import type { NapiStruct } from './napi/napi-struct.ts';
import { SoftnetData } from './napi/softnet-data.ts';
import { NetSysctl } from './net-sysctl.ts';
import type { InetOffload, PacketOffload } from './offload/offloads.ts';
import type { PacketType } from './receive/packet-type.ts';
import type { QdiscKinds } from './transmit/qdisc.ts';

/** @kernel include/linux/netdevice.h PTYPE_HASH_SIZE */
export const PTYPE_HASH_SIZE = 16;
export const PTYPE_HASH_MASK = PTYPE_HASH_SIZE - 1;

/** What the core needs of its host. */
export interface NetCoreParts {
  readonly clock: Clock;
  readonly arena: Arena;
  readonly pool: SkbPool;
  readonly cpus: Cpus;
  readonly timers: TimerWheels;
  readonly qdiscKinds: QdiscKinds;
  readonly faults: Faults;
}

/**
 * The state of net/core for one host: devices, packet types, softnet data. The functions of this package take it from
 * their device (`dev.core`).
 */
export class NetState {
  readonly clock: Clock;
  readonly arena: Arena;
  readonly pool: SkbPool;
  readonly cpus: Cpus;
  readonly timers: TimerWheels;
  readonly qdiscKinds: QdiscKinds;
  readonly faults: Faults;
  readonly sysctl = new NetSysctl();
  /** Somebody wants to know when packets came: each gets its time. @kernel net/core/dev.c netstamp_needed_key */
  netstampNeeded = false;
  /** By name, in the order of registration. */
  readonly devices = new Map<string, NetDevice>();
  readonly devicesByIndex = new Map<number, NetDevice>();
  /** @internal The next device's number. */
  nextIfindex = 1;
  /** One for each CPU; and that of the CPU whose softirq runs, or else the first. */
  readonly softnets: readonly SoftnetData[];
  softnet: SoftnetData;
  // Registries. Their lists are replaced, never changed, so that a handler may remove itself.
  /** @internal */
  ptypeAll: readonly PacketType[] = [];
  readonly ptypeBase: (readonly PacketType[])[] = new Array<readonly PacketType[]>(PTYPE_HASH_SIZE).fill([]);
  packetOffloads: readonly PacketOffload[] = [];
  readonly inetOffloads = new Array<InetOffload | null>(256).fill(null);
  notifiers: readonly NetdeviceNotifier[] = [];

  /** `makeBacklog` gives a CPU the poller of its backlog. Use {@link netDevInit}, which knows how. */
  constructor(parts: NetCoreParts, makeBacklog: (core: NetState) => NapiStruct) {
    this.clock = parts.clock;
    this.arena = parts.arena;
    this.pool = parts.pool;
    this.cpus = parts.cpus;
    this.timers = parts.timers;
    this.qdiscKinds = parts.qdiscKinds;
    this.faults = parts.faults;
    this.softnets = parts.cpus.all.map((cpu) => {
      const backlog = makeBacklog(this);
      backlog.cpu = cpu;
      return new SoftnetData(cpu, backlog);
    });
    this.softnet = this.softnets[0];
  }
}

export type NetCore = NetState;
export const NetCore = token<NetState>('NetCore', 'add netdev() to the host');
