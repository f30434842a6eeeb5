import type { NetDevice } from '@stack/netdev';
import { DropReason } from '@stack/skb';
import type { Neighbour } from './neighbour.ts';
import { NUD_NOARP, NUD_NONE, NUD_PERMANENT, NUD_VALID } from './nud.ts';
import type { NeighTable } from './table.ts';
import { neighSuspect } from './update.ts';

/**
 * Takes a neighbour out of its table; packets that wait for it are dropped.
 *
 * @kernel net/core/neighbour.c neigh_remove_one()
 */
export function neighRemove(neigh: Neighbour): void {
  const { table } = neigh;
  if (neigh.dead) return;
  table.hash.remove(neigh);
  if ((neigh.state & NUD_PERMANENT) === 0) table.gcEntries--;
  neigh.dead = true;
  neigh.timer.cancel();
  neighSuspect(neigh);
  neigh.arpQueue.dropAll(DropReason.NEIGH_DEAD);
  neigh.arpQueueLenBytes = 0;
  neigh.hhLen = 0;
  // Whoever still holds it may send a last packet if the address was right, and asks for nothing.
  neigh.state = (neigh.state & NUD_VALID) !== 0 ? NUD_NOARP : NUD_NONE;
  table.stats.destroys++;
  table.notify(neigh);
}

/**
 * Forgets the neighbours behind a device, or all (null). Entries made by hand stay if `keepPermanent`.
 *
 * @kernel net/core/neighbour.c neigh_flush_dev()
 */
export function neighFlushDev(table: NeighTable, dev: NetDevice | null, keepPermanent: boolean): void {
  for (const neigh of table.entries) {
    if (dev !== null && neigh.dev !== dev) continue;
    if (keepPermanent && (neigh.state & NUD_PERMANENT) !== 0) continue;
    neighRemove(neigh);
  }
}

/** The device went down. @kernel net/core/neighbour.c neigh_ifdown() */
export function neighIfdown(table: NeighTable, dev: NetDevice): void {
  neighFlushDev(table, dev, false);
}

/** The cable came out: what was learned may not hold when it is back. @kernel net/core/neighbour.c neigh_carrier_down() */
export function neighCarrierDown(table: NeighTable, dev: NetDevice): void {
  neighFlushDev(table, dev, true);
}

/** The device's own address changed, and with it every header. @kernel net/core/neighbour.c neigh_changeaddr() */
export function neighChangeaddr(table: NeighTable, dev: NetDevice): void {
  neighFlushDev(table, dev, false);
}

/** @kernel net/core/neighbour.c neigh_table_clear() */
export function neighTableClear(table: NeighTable): void {
  table.gcWork.cancel();
  neighFlushDev(table, null, false);
}
