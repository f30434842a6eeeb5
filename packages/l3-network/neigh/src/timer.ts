import { neighProbe, notBefore, probeInterval } from './event.ts';
import type { Neighbour } from './neighbour.ts';
import { NUD_DELAY, NUD_FAILED, NUD_INCOMPLETE, NUD_IN_TIMER, NUD_PROBE, NUD_REACHABLE, NUD_STALE } from './nud.ts';
import { neighConnect, neighInvalidate, neighSuspect } from './update.ts';

/**
 * The state has lasted its time.
 *
 * @kernel net/core/neighbour.c neigh_timer_handler()
 * @rfc 4861 7.3.3
 */
export function neighTimerHandler(neigh: Neighbour): void {
  const { state } = neigh;
  if ((state & NUD_IN_TIMER) === 0) return;
  const now = neigh.table.wheel.jiffies;
  let next = now + probeInterval(neigh.parms);
  if (state === NUD_REACHABLE) next = afterReachable(neigh, now);
  else if (state === NUD_DELAY) next = afterDelay(neigh, now, next);

  if ((neigh.state & (NUD_INCOMPLETE | NUD_PROBE)) !== 0 && neigh.probes >= neighMaxProbes(neigh)) {
    neigh.state = NUD_FAILED;
    neighInvalidate(neigh);
  } else {
    if ((neigh.state & NUD_IN_TIMER) !== 0) neigh.timer.mod(notBefore(now, next));
    if ((neigh.state & (NUD_INCOMPLETE | NUD_PROBE)) !== 0) neighProbe(neigh);
  }
  if (neigh.state !== state) neigh.table.notify(neigh);
}

/** Still confirmed, used since but not confirmed, or neither. Returns when to look again. */
function afterReachable(neigh: Neighbour, now: number): number {
  const until = neigh.confirmed + neigh.parms.reachableTime(now);
  if (now <= until) return until;
  neigh.updated = now;
  neighSuspect(neigh);
  if (now <= neigh.used + neigh.parms.delayProbeTime) {
    neigh.state = NUD_DELAY;
    return now + neigh.parms.delayProbeTime;
  }
  neigh.state = NUD_STALE;
  return now;
}

/** Confirmed meanwhile, or to be asked now. */
function afterDelay(neigh: Neighbour, now: number, probeAt: number): number {
  neigh.updated = now;
  if (now <= neigh.confirmed + neigh.parms.delayProbeTime) {
    neigh.state = NUD_REACHABLE;
    neighConnect(neigh);
    return neigh.confirmed + neigh.parms.reachableTime(now);
  }
  neigh.state = NUD_PROBE;
  neigh.probes = 0;
  return probeAt;
}

/** @kernel net/core/neighbour.c neigh_max_probes() */
function neighMaxProbes(neigh: Neighbour): number {
  const { parms, state } = neigh;
  return parms.ucastProbes + parms.appProbes + (state === NUD_PROBE ? parms.mcastReprobes : parms.mcastProbes);
}
