import type { WheelTimer } from './wheel-timer.ts';

export const LEVELS = 9;
export const LEVEL_SIZE = 64;
export const LEVEL_MASK = LEVEL_SIZE - 1;
/** Behind the buckets of all levels: the timers that are being served. */
const SERVED = LEVELS * LEVEL_SIZE;

/** Jiffies that a bucket of the level stands for. @kernel kernel/time/timer.c LVL_GRAN() */
export function levelUnit(level: number): number {
  return 1 << (3 * level);
}

/** From which distance on, in jiffies, a level is used. @kernel kernel/time/timer.c LVL_START() */
export function levelStart(level: number): number {
  return level === 0 ? 0 : LEVEL_MASK * levelUnit(level - 1);
}

/** The buckets of a wheel, as lists through the timers, with a bit for each bucket that is not empty. */
export class Buckets {
  #first = new Array<WheelTimer | null>(SERVED + 1).fill(null);
  /** Two words a level, and one for the bucket behind. */
  #occupied = new Int32Array(LEVELS * 2 + 1);

  /** A timer that is to expire; null when all of {@link collect} have. */
  get served(): WheelTimer | null {
    return this.#first[SERVED];
  }

  add(timer: WheelTimer, bucket: number): void {
    const first = this.#first[bucket];
    timer.bucket = bucket;
    timer.prev = null;
    timer.next = first;
    if (first !== null) first.prev = timer;
    this.#first[bucket] = timer;
    this.#occupied[bucket >>> 5] |= 1 << (bucket & 31);
  }

  remove(timer: WheelTimer): void {
    const { bucket, next, prev } = timer;
    if (prev === null) this.#first[bucket] = next;
    else prev.next = next;
    if (next !== null) next.prev = prev;
    if (this.#first[bucket] === null) this.#occupied[bucket >>> 5] &= ~(1 << (bucket & 31));
    timer.next = timer.prev = null;
    timer.bucket = -1;
  }

  /**
   * Takes the timers of jiffy `clk` out of the buckets of every level whose turn it is. What handlers arm from now on
   * may land in the same buckets, one turn of the wheel later.
   *
   * @kernel kernel/time/timer.c collect_expired_timers()
   */
  collect(clk: number): void {
    for (let level = 0; level < LEVELS && clk % levelUnit(level) === 0; level++) {
      const bucket = level * LEVEL_SIZE + (Math.floor(clk / levelUnit(level)) & LEVEL_MASK);
      for (let timer = this.#first[bucket]; timer !== null; timer = this.#first[bucket]) {
        this.remove(timer);
        this.add(timer, SERVED);
      }
    }
  }

  /** When the first occupied bucket is served, seen from jiffy `clk`; Infinity when all are empty. */
  nextExpiry(clk: number): number {
    let next = Infinity;
    for (let level = 0; level < LEVELS; level++) {
      const low = this.#occupied[2 * level];
      const high = this.#occupied[2 * level + 1];
      if ((low | high) === 0) continue;
      // The bucket of a unit that has begun was served at its beginning.
      const base = Math.ceil(clk / levelUnit(level));
      const at = (base + ahead(low, high, base & LEVEL_MASK)) * levelUnit(level);
      if (at < next) next = at;
    }
    return next;
  }
}

/** Distance from bit `from` of a ring of 64 bits to the next one that is set. One is. */
function ahead(low: number, high: number, from: number): number {
  const first = from < 32 ? low : high;
  const second = from < 32 ? high : low;
  const shift = from & 31;
  const rest = first >>> shift;
  if (rest !== 0) return lowest(rest);
  if (second !== 0) return 32 - shift + lowest(second);
  return 64 - shift + lowest(first);
}

function lowest(word: number): number {
  return 31 - Math.clz32(word & -word);
}
