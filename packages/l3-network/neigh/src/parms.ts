import type { Random } from '@stack/clock';

/**
 * How neighbours of one device behave. Times in jiffies (milliseconds).
 *
 * @kernel include/net/neighbour.h struct neigh_parms
 * @rfc 4861 10
 */
export class NeighParms {
  /** How long a neighbour counts as reachable is drawn between half and one and a half of this. */
  baseReachableTime = 30_000;
  /** How long traffic may take to prove a stale neighbour before it is asked. */
  delayProbeTime = 5_000;
  /** Between two probes. */
  retransTime = 1_000;
  /** How long an unused entry is kept. */
  gcStaletime = 60_000;
  /** Packets waiting for one address, bytes of truesize. */
  queueLenBytes = 212_992;
  ucastProbes = 3;
  mcastProbes = 3;
  appProbes = 0;
  mcastReprobes = 0;
  /** Of several answers in a row the first counts; for so long. */
  locktime = 1_000;
  #random: Random;
  #reachableTime = 0;
  #drawnAt = -Infinity;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Drawn anew every five minutes, so that hosts do not probe in step. @kernel net/core/neighbour.c neigh_rand_reach_time() */
  reachableTime(now: number): number {
    if (now - this.#drawnAt > REDRAW) {
      this.#drawnAt = now;
      this.#reachableTime = Math.floor(this.baseReachableTime / 2) + this.#random.below(this.baseReachableTime);
    }
    return this.#reachableTime;
  }

  /** A copy for another device. */
  copy(): NeighParms {
    const copy = new NeighParms(this.#random);
    copy.baseReachableTime = this.baseReachableTime;
    copy.delayProbeTime = this.delayProbeTime;
    copy.retransTime = this.retransTime;
    copy.gcStaletime = this.gcStaletime;
    copy.queueLenBytes = this.queueLenBytes;
    copy.ucastProbes = this.ucastProbes;
    copy.mcastProbes = this.mcastProbes;
    copy.appProbes = this.appProbes;
    copy.mcastReprobes = this.mcastReprobes;
    copy.locktime = this.locktime;
    return copy;
  }
}

const REDRAW = 300_000;
