import { DropReason, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import type { Neighbour } from './neighbour.ts';
import { NUD_CONNECTED, NUD_DELAY, NUD_FAILED, NUD_INCOMPLETE, NUD_PROBE, NUD_STALE, nudName } from './nud.ts';
import type { NeighParms } from './parms.ts';

/** No timer of a neighbour is shorter, in jiffies. */
const SHORTEST = 10;

/**
 * A packet is about to be sent to the neighbour. False: its address may be used. True: the packet waits in the queue,
 * or was dropped; it is the caller's no longer. `skb` may be null, to start resolution without a packet.
 *
 * @kernel include/net/neighbour.h neigh_event_send()
 */
export function neighEventSend(neigh: Neighbour, skb: SkBuff | null): boolean {
  if (tracing.on && skb !== null) trace('neigh_event_send', skb, nudName(neigh.state));
  neigh.used = neigh.table.wheel.jiffies;
  if ((neigh.state & (NUD_CONNECTED | NUD_DELAY | NUD_PROBE)) !== 0) return false;
  return startOrWait(neigh, skb);
}

/** @kernel net/core/neighbour.c __neigh_event_send() */
function startOrWait(neigh: Neighbour, skb: SkBuff | null): boolean {
  const { state } = neigh;
  if (neigh.dead) {
    if ((state & NUD_STALE) !== 0) return false;
    skb?.drop(DropReason.NEIGH_DEAD);
    return true;
  }
  const now = neigh.table.wheel.jiffies;
  if (state === NUD_STALE) {
    neigh.state = NUD_DELAY;
    neigh.updated = now;
    neigh.timer.mod(now + neigh.parms.delayProbeTime);
    return false;
  }
  if (state !== NUD_INCOMPLETE && !begin(neigh, now)) {
    skb?.drop(DropReason.NEIGH_FAILED);
    return true;
  }
  if (skb !== null) wait(neigh, skb);
  if (state !== NUD_INCOMPLETE) neighProbe(neigh);
  return true;
}

/** From NONE or FAILED to INCOMPLETE; false when the device's parameters allow no question. */
function begin(neigh: Neighbour, now: number): boolean {
  const { parms } = neigh;
  neigh.updated = now;
  if (parms.mcastProbes + parms.appProbes === 0) {
    neigh.state = NUD_FAILED;
    return false;
  }
  neigh.probes = parms.ucastProbes; // there is no address to ask in unicast: those probes count as made
  neigh.state = NUD_INCOMPLETE;
  neigh.timer.mod(now + probeInterval(parms));
  return true;
}

/** The oldest packets make room for the newest. */
function wait(neigh: Neighbour, skb: SkBuff): void {
  const { arpQueue } = neigh;
  while (neigh.arpQueueLenBytes + skb.truesize > neigh.parms.queueLenBytes) {
    const oldest = arpQueue.shift();
    if (oldest === null) break;
    neigh.arpQueueLenBytes -= oldest.truesize;
    neigh.table.stats.unresDiscards++;
    oldest.drop(DropReason.NEIGH_QUEUEFULL);
  }
  arpQueue.push(skb);
  neigh.arpQueueLenBytes += skb.truesize;
}

/** @kernel net/core/neighbour.c neigh_probe() */
export function neighProbe(neigh: Neighbour): void {
  neigh.ops.solicit(neigh, neigh.arpQueue.last);
  neigh.probes++;
}

/** Jiffies between two probes. */
export function probeInterval(parms: NeighParms): number {
  return Math.max(parms.retransTime, SHORTEST);
}

/** A timer's time, not too near. */
export function notBefore(now: number, next: number): number {
  return Math.max(next, now + SHORTEST);
}

/**
 * Proof from above that the neighbour is there: its answers arrive.
 *
 * @kernel include/net/neighbour.h neigh_confirm()
 */
export function neighConfirm(neigh: Neighbour): void {
  neigh.confirmed = neigh.table.wheel.jiffies;
}
