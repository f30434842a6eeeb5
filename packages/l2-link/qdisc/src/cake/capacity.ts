const SECOND = 1_000_000_000;
/** Between two changes of the rate. */
const PAUSE = 250_000_000;

/** Moves an average by 2^-`shift` of the way. @kernel net/sched/sch_cake.c cake_ewma() */
export function ewma(average: number, sample: number, shift: number): number {
  return average + (sample - average) / (1 << shift);
}

/**
 * Guesses what the link before this host carries, from how close packets come: bytes of a train of packets by the time that
 * it takes.
 *
 * @kernel net/sched/sch_cake.c cake_enqueue()
 */
export class Capacity {
  /** Bytes a second; 0 before the first guess. */
  peak = 0;
  #averageInterval = 0;
  #last = 0;
  #windowBegin = 0;
  #windowBytes = 0;
  #changed = 0;

  /** A packet came. Returns the rate to be used from now on, or 0 when it stays. */
  came(bytes: number, now: number): number {
    this.#windowBytes += bytes;
    const interval = Math.min(now - this.#last, SECOND);
    this.#averageInterval = ewma(this.#averageInterval, interval, interval > this.#averageInterval ? 2 : 8);
    this.#last = now;
    if (interval <= this.#averageInterval || now === this.#windowBegin) return 0;
    const rate = (this.#windowBytes * SECOND) / (now - this.#windowBegin);
    this.peak = ewma(this.peak, rate, rate > this.peak ? 2 : 8);
    this.#windowBytes = 0;
    this.#windowBegin = now;
    if (now - this.#changed <= PAUSE) return 0;
    this.#changed = now;
    return Math.max(1, Math.floor((this.peak * 15) / 16));
  }
}
