import type { SkBuff } from '@stack/skb';
import { inetEcnSetCe } from '../base/ecn.ts';

/** Of a tin: delays in ns. @kernel net/sched/sch_cake.c struct cobalt_params */
export interface CobaltParams {
  readonly target: number;
  readonly interval: number;
  /** Below that many bytes nothing is dropped. */
  readonly mtuTime: number;
  readonly pInc: number;
  readonly pDec: number;
}

/** @kernel net/sched/sch_cake.c cake_set_rate() */
export const P_INC = 1 / 256;
export const P_DEC = 1 / 4096;

/** How many drops CoDel's count may reach. */
const MOST_COUNT = 0xffffffff;

/**
 * CoDel, and BLUE for what does not answer to it: the drop probability rises with each overload and falls when the queue
 * runs empty.
 *
 * @kernel net/sched/sch_cake.c struct cobalt_vars
 */
export class Cobalt {
  count = 0;
  dropping = false;
  /** When CoDel drops next; 0 when it has no plan. */
  dropNext = 0;
  /** BLUE's probability. */
  pDrop = 0;
  /** Whether the packet that was looked at last got a mark. */
  marked = false;
  #blueChanged = 0;

  reset(): void {
    this.count = 0;
    this.dropping = false;
    this.dropNext = 0;
    this.pDrop = 0;
    this.#blueChanged = 0;
  }

  /** A queue overflowed, and this one was the largest. @kernel net/sched/sch_cake.c cobalt_queue_full() */
  full(params: CobaltParams, now: number): void {
    if (now - this.#blueChanged > params.target) {
      this.pDrop = Math.min(1, this.pDrop + params.pInc);
      this.#blueChanged = now;
    }
    this.dropping = true;
    this.dropNext = now;
    if (this.count === 0) this.count = 1;
  }

  /** The queue ran empty. @kernel net/sched/sch_cake.c cobalt_queue_empty() */
  empty(params: CobaltParams, now: number): void {
    if (this.pDrop > 0 && now - this.#blueChanged > params.target) {
      this.pDrop = Math.max(0, this.pDrop - params.pDec);
      this.#blueChanged = now;
    }
    this.dropping = false;
    if (this.count > 0 && now >= this.dropNext) {
      this.count--;
      this.dropNext = this.#controlLaw(this.dropNext, params.interval);
    }
  }

  /** Whether to drop a packet that waited `sojourn` ns; marks it instead when it can. @kernel net/sched/sch_cake.c cobalt_should_drop() */
  shouldDrop(skb: SkBuff, sojourn: number, params: CobaltParams, bulk: number, now: number, draw: number): boolean {
    const over = sojourn > params.target && sojourn > params.mtuTime * bulk * 2 && sojourn > params.mtuTime * 4;
    const due = this.count > 0 && now >= this.dropNext;
    if (over && !this.dropping) {
      this.dropping = true;
      this.dropNext = this.#controlLaw(now, params.interval);
      if (this.count === 0) this.count = 1;
    } else if (!over && this.dropping) {
      this.dropping = false;
    }
    let drop = false;
    this.marked = false;
    if (due && this.dropping) {
      this.marked = inetEcnSetCe(skb);
      drop = !this.marked;
      if (this.count < MOST_COUNT) this.count++;
      this.dropNext = this.#controlLaw(this.dropNext, params.interval);
    } else if (due) {
      this.#forget(params.interval, now);
    }
    return drop || (this.pDrop > 0 && draw < this.pDrop);
  }

  /** The delay is well again: the count falls as fast as it rose. */
  #forget(interval: number, now: number): void {
    while (this.count > 0 && now >= this.dropNext) {
      this.count--;
      this.dropNext = this.#controlLaw(this.dropNext, interval);
    }
  }

  #controlLaw(from: number, interval: number): number {
    return this.count === 0 ? from + interval : from + Math.floor(interval / Math.sqrt(this.count));
  }
}

/** Parameters for a tin with a rate, bytes a second (0: none). @kernel net/sched/sch_cake.c cake_set_rate() */
export function cobaltParams(rate: number, mtu: number, target: number, interval: number): CobaltParams {
  const mtuTime = rate === 0 ? 0 : Math.floor((mtu * 1e9) / rate);
  const own = Math.max(Math.floor((mtuTime * 3) / 2), target);
  return { target: own, interval: Math.max(interval + own - target, own * 2), mtuTime, pInc: P_INC, pDec: P_DEC };
}
