import type { Random } from '@stack/clock';
import type { NetCore, NetDevice } from '@stack/netdev';
import type { Undo } from '@stack/plugin';
import { WheelTimer, type TimerWheel } from '@stack/softirq';
import { NeighHash } from './hash.ts';
import type { Neighbour } from './neighbour.ts';
import { NeighParms } from './parms.ts';

/** Told when a neighbour's state or address changed; `dead` says that it is gone. */
export type NeighListener = (neigh: Neighbour) => void;

/** Counters of a table, as /proc/net/stat/arp_cache shows them. @kernel include/net/neighbour.h struct neigh_statistics */
export class NeighStatistics {
  allocs = 0;
  destroys = 0;
  resFailed = 0;
  lookups = 0;
  hits = 0;
  rcvProbesMcast = 0;
  rcvProbesUcast = 0;
  periodicGcRuns = 0;
  forcedGcRuns = 0;
  unresDiscards = 0;
  tableFulls = 0;
}

/** What makes neighbours of one protocol. */
export interface NeighFamily {
  /** Fills in state, address, ops and output of a new neighbour. 0, or a negative errno. */
  construct(neigh: Neighbour): number;
  isMulticast(key: number): boolean;
}

/** The neighbours of one protocol. @kernel include/net/neighbour.h struct neigh_table */
export class NeighTable {
  readonly name: string;
  readonly core: NetCore;
  readonly wheel: TimerWheel;
  readonly family: NeighFamily;
  /** Defaults for devices that come. */
  readonly parms: NeighParms;
  readonly hash: NeighHash;
  readonly stats = new NeighStatistics();
  /** Below the first nothing is collected; above the second for five seconds at most; the third is never passed. */
  gcThresh1 = 128;
  gcThresh2 = 512;
  gcThresh3 = 1024;
  /** Entries that collection may take: all but permanent ones. */
  gcEntries = 0;
  /** @internal In jiffies. */
  lastFlush: number;
  readonly gcWork: WheelTimer;
  #perDevice = new Map<NetDevice, NeighParms>();
  #listeners = new Set<NeighListener>();

  /** `collect` is what the timer of collection does: see `neighPeriodicWork`. */
  constructor(name: string, core: NetCore, random: Random, family: NeighFamily, collect: (table: NeighTable) => void) {
    this.name = name;
    this.core = core;
    this.wheel = core.timers.boot;
    this.family = family;
    this.parms = new NeighParms(random);
    this.hash = new NeighHash(random.int32());
    this.lastFlush = this.wheel.jiffies;
    this.gcWork = new WheelTimer(this.wheel, () => collect(this));
  }

  /** The parameters of a device; its own from the first call on. @kernel net/core/neighbour.c neigh_parms_alloc() */
  parmsOf(dev: NetDevice): NeighParms {
    let parms = this.#perDevice.get(dev);
    if (parms === undefined) this.#perDevice.set(dev, (parms = this.parms.copy()));
    return parms;
  }

  /** @kernel net/core/neighbour.c neigh_parms_release() */
  releaseParms(dev: NetDevice): void {
    this.#perDevice.delete(dev);
  }

  /** All neighbours, for display. */
  get entries(): Neighbour[] {
    return this.hash.all();
  }

  onChange(listener: NeighListener): Undo {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** @kernel net/core/neighbour.c neigh_update_notify() */
  notify(neigh: Neighbour): void {
    for (const listener of this.#listeners) listener(neigh);
  }
}
