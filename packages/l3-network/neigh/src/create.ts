import type { NetDevice } from '@stack/netdev';
import { EEXIST } from '@stack/plugin';
import { neighForcedGc, scheduleGc } from './gc.ts';
import { Neighbour } from './neighbour.ts';
import { NEIGH_UPDATE_F_ADMIN, NEIGH_UPDATE_F_OVERRIDE, NUD_PERMANENT } from './nud.ts';
import type { NeighTable } from './table.ts';
import { neighTimerHandler } from './timer.ts';
import { neighUpdate } from './update.ts';

/** How long a table may stay above its second threshold, in jiffies. */
const OVERFULL = 5_000;

/** The neighbour, or null when it is not in the table. @kernel net/core/neighbour.c neigh_lookup() */
export function neighLookup(table: NeighTable, key: number, dev: NetDevice): Neighbour | null {
  table.stats.lookups++;
  const neigh = table.hash.find(key, dev.ifindex);
  if (neigh !== null) table.stats.hits++;
  return neigh;
}

/**
 * A new neighbour, in the table. Null when the table is full.
 *
 * @kernel net/core/neighbour.c __neigh_create()
 */
export function __neighCreate(table: NeighTable, key: number, dev: NetDevice): Neighbour | null {
  const neigh = neighAlloc(table, key, dev);
  if (neigh === null) return null;
  if (table.family.construct(neigh) < 0) {
    table.gcEntries--;
    return null;
  }
  neigh.confirmed = neigh.updated - neigh.parms.baseReachableTime * 2; // never heard of
  table.hash.add(neigh);
  scheduleGc(table);
  return neigh;
}

/** A neighbour if the table has room, or can make some. @kernel net/core/neighbour.c neigh_alloc() */
function neighAlloc(table: NeighTable, key: number, dev: NetDevice): Neighbour | null {
  const entries = table.gcEntries++;
  const overfull = entries >= table.gcThresh2 && table.wheel.jiffies > table.lastFlush + OVERFULL;
  if ((entries >= table.gcThresh3 || overfull) && neighForcedGc(table) === 0 && entries >= table.gcThresh3) {
    table.stats.tableFulls++;
    table.gcEntries--;
    return null;
  }
  table.stats.allocs++;
  return new Neighbour(table, dev, key, table.parmsOf(dev), neighTimerHandler);
}

/**
 * What {@link neighLookup} finds, or a new neighbour. Null when the table is full.
 *
 * @kernel include/net/neighbour.h __neigh_lookup()
 */
export function __neighLookup(table: NeighTable, key: number, dev: NetDevice): Neighbour | null {
  return neighLookup(table, key, dev) ?? __neighCreate(table, key, dev);
}

/**
 * An entry by hand, as `ip neigh replace ... nud permanent`: never asked for, never collected. 0 or a negative errno;
 * -EEXIST when the table is full.
 *
 * @kernel net/core/neighbour.c neigh_add()
 */
export function neighAdd(table: NeighTable, key: number, dev: NetDevice, lladdr: Uint8Array): number {
  const neigh = __neighLookup(table, key, dev);
  if (neigh === null) return -EEXIST;
  const wasPermanent = (neigh.state & NUD_PERMANENT) !== 0;
  const error = neighUpdate(neigh, lladdr, NUD_PERMANENT, NEIGH_UPDATE_F_ADMIN | NEIGH_UPDATE_F_OVERRIDE);
  if (error === 0 && !wasPermanent) table.gcEntries--;
  return error;
}
