import type { Neighbour } from './neighbour.ts';
import { NUD_FAILED, NUD_IN_TIMER, NUD_NOARP, NUD_PERMANENT } from './nud.ts';
import { neighRemove } from './remove.ts';
import type { NeighTable } from './table.ts';

/** An entry that changed less long ago is not taken by force, in jiffies. */
const YOUNG = 5_000;

/**
 * The table is (nearly) full: takes entries nobody needs at once. How many went.
 *
 * @kernel net/core/neighbour.c neigh_forced_gc()
 */
export function neighForcedGc(table: NeighTable): number {
  const most = table.gcEntries - table.gcThresh2;
  const now = table.wheel.jiffies;
  let shrunk = 0;
  table.stats.forcedGcRuns++;
  table.lastFlush = now;
  for (const neigh of table.entries) {
    if (shrunk >= most) break;
    if ((neigh.state & NUD_PERMANENT) !== 0 || neigh.timer.pending || !isUseless(neigh, now)) continue;
    neighRemove(neigh);
    shrunk++;
  }
  return shrunk;
}

function isUseless(neigh: Neighbour, now: number): boolean {
  const { state, table } = neigh;
  return (
    state === NUD_FAILED || state === NUD_NOARP || table.family.isMulticast(neigh.key) || now - neigh.updated > YOUNG
  );
}

/**
 * Takes what has not been used for long.
 *
 * @kernel net/core/neighbour.c neigh_periodic_work()
 */
export function neighPeriodicWork(table: NeighTable): void {
  const now = table.wheel.jiffies;
  table.stats.periodicGcRuns++;
  for (const neigh of table.entries) {
    if ((neigh.state & (NUD_PERMANENT | NUD_IN_TIMER)) !== 0) continue;
    if (neigh.used < neigh.confirmed) neigh.used = neigh.confirmed;
    if (neigh.state === NUD_FAILED || now > neigh.used + neigh.parms.gcStaletime) neighRemove(neigh);
  }
  scheduleGc(table);
}

/** Nothing is collected below the first threshold, so until then no timer runs either. */
export function scheduleGc(table: NeighTable): void {
  if (table.gcEntries < table.gcThresh1 || table.gcWork.pending) return;
  table.gcWork.mod(table.wheel.jiffies + Math.floor(table.parms.baseReachableTime / 2));
}
