import { EINVAL, EPERM } from '@stack/plugin';
import { DropReason } from '@stack/skb';
import type { Neighbour } from './neighbour.ts';
import {
  NEIGH_UPDATE_F_ADMIN,
  NEIGH_UPDATE_F_OVERRIDE,
  NEIGH_UPDATE_F_WEAK_OVERRIDE,
  NUD_CONNECTED,
  NUD_FAILED,
  NUD_INCOMPLETE,
  NUD_IN_TIMER,
  NUD_NOARP,
  NUD_PERMANENT,
  NUD_PROBE,
  NUD_REACHABLE,
  NUD_STALE,
  NUD_VALID,
} from './nud.ts';

/**
 * Something was learned: the new state (NUD_*), and the link-layer address (null: as before). 0 or a negative errno.
 *
 * @kernel net/core/neighbour.c neigh_update()
 */
export function neighUpdate(neigh: Neighbour, lladdr: Uint8Array | null, newState: number, flags: number): number {
  const old = neigh.state;
  if ((flags & NEIGH_UPDATE_F_ADMIN) === 0 && (old & (NUD_NOARP | NUD_PERMANENT)) !== 0) return -EPERM;
  if (neigh.dead) return -EINVAL;
  if ((newState & NUD_VALID) === 0) {
    invalidate(neigh, newState);
    return 0;
  }
  if (lladdr === null && (old & NUD_VALID) === 0) return -EINVAL;
  let state = newState;
  let moved = lladdr !== null && !((old & NUD_VALID) !== 0 && sameAddress(lladdr, neigh.ha));
  if ((state & NUD_CONNECTED) !== 0) neigh.confirmed = neigh.table.wheel.jiffies;
  if ((old & NUD_VALID) !== 0) {
    if (moved && (flags & NEIGH_UPDATE_F_OVERRIDE) === 0) {
      if ((flags & NEIGH_UPDATE_F_WEAK_OVERRIDE) === 0 || (old & NUD_CONNECTED) === 0) return 0;
      moved = false;
      state = NUD_STALE;
    } else if (!moved && state === NUD_STALE && (flags & NEIGH_UPDATE_F_ADMIN) === 0) {
      state = old;
    }
  }
  change(neigh, old, state, moved ? lladdr : null);
  return 0;
}

/** The address is of no use any more. */
function invalidate(neigh: Neighbour, state: number): void {
  const old = neigh.state;
  neigh.timer.cancel();
  if ((old & NUD_CONNECTED) !== 0) neighSuspect(neigh);
  neigh.state = state;
  if ((old & (NUD_INCOMPLETE | NUD_PROBE)) !== 0 && (state & NUD_FAILED) !== 0) neighInvalidate(neigh);
  if (old !== state) neigh.table.notify(neigh);
}

function change(neigh: Neighbour, old: number, state: number, lladdr: Uint8Array | null): void {
  const now = neigh.table.wheel.jiffies;
  if (state === old && lladdr === null) return;
  neigh.updated = now;
  if (state !== old) enter(neigh, state, now);
  if (lladdr !== null) {
    neigh.ha.set(lladdr);
    neigh.hhLen = 0;
    if ((state & NUD_CONNECTED) === 0) neigh.confirmed = now - neigh.parms.baseReachableTime * 2;
  }
  if (state !== old) {
    if ((state & NUD_CONNECTED) !== 0) neighConnect(neigh);
    else neighSuspect(neigh);
    if ((old & NUD_VALID) === 0) sendWaiting(neigh);
  }
  neigh.table.notify(neigh);
}

function enter(neigh: Neighbour, state: number, now: number): void {
  neigh.timer.cancel();
  if ((state & NUD_PROBE) !== 0) neigh.probes = 0;
  if ((state & NUD_IN_TIMER) !== 0) {
    neigh.timer.mod(now + ((state & NUD_REACHABLE) !== 0 ? neigh.parms.reachableTime(now) : 0));
  }
  neigh.state = state;
}

/** Packets that waited for the address go now, in the order in which they came. */
function sendWaiting(neigh: Neighbour): void {
  while ((neigh.state & NUD_VALID) !== 0) {
    const skb = neigh.arpQueue.shift();
    if (skb === null) break;
    neigh.output(neigh, skb);
  }
  neigh.arpQueueLenBytes = 0;
}

/**
 * Nobody answered: every packet that waits is reported to its sender.
 *
 * @kernel net/core/neighbour.c neigh_invalidate()
 */
export function neighInvalidate(neigh: Neighbour): void {
  neigh.table.stats.resFailed++;
  neigh.updated = neigh.table.wheel.jiffies;
  // A report is a packet of ours, which may find this neighbour again and change its state.
  while (neigh.state === NUD_FAILED) {
    const skb = neigh.arpQueue.shift();
    if (skb === null) break;
    neigh.ops.errorReport(neigh, skb);
  }
  neigh.arpQueue.dropAll(DropReason.NEIGH_FAILED);
  neigh.arpQueueLenBytes = 0;
}

/** @kernel net/core/neighbour.c neigh_connect() */
export function neighConnect(neigh: Neighbour): void {
  neigh.output = neigh.ops.connectedOutput;
}

/** @kernel net/core/neighbour.c neigh_suspect() */
export function neighSuspect(neigh: Neighbour): void {
  neigh.output = neigh.ops.output;
}

function sameAddress(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < b.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
