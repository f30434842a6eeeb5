import { MSEC, Timer, type Nanoseconds } from '@stack/clock';
import { Buckets, LEVELS, LEVEL_MASK, LEVEL_SIZE, levelStart, levelUnit } from './buckets.ts';
import type { Cpu } from './cpu.ts';
import { TIMER_SOFTIRQ } from './vector.ts';
import type { WheelTimer } from './wheel-timer.ts';

/** Jiffies per second. */
export const HZ = 1000;
const JIFFY: Nanoseconds = MSEC;
const LONGEST = levelStart(LEVELS) - 1;

/**
 * The timer wheel of one CPU: nine levels of 64 buckets, each level eight times coarser than the one below. The clock
 * is asked for one event only: the next expiry.
 *
 * @kernel kernel/time/timer.c struct timer_base
 */
export class TimerWheel {
  /** Timers armed. */
  armed = 0;
  readonly #cpu: Cpu;
  readonly #buckets = new Buckets();
  readonly #tick: Timer;
  /** The first jiffy that has not been served. */
  #clk: number;
  /** When the tick is due, in jiffies. */
  #tickAt = Infinity;

  constructor(cpu: Cpu) {
    this.#cpu = cpu;
    this.#clk = this.jiffies;
    const softirq = { run: () => cpu.raiseSoftirqIrqoff(TIMER_SOFTIRQ) };
    this.#tick = new Timer(cpu.clock, { run: () => cpu.runAsInterrupt(softirq) });
  }

  /** @kernel include/linux/jiffies.h jiffies */
  get jiffies(): number {
    return Math.floor(this.#cpu.clock.now() / JIFFY);
  }

  /** @internal */
  add(timer: WheelTimer): void {
    this.#catchUp();
    this.armed++;
    const due = this.#place(timer);
    if (due < this.#tickAt) this.#setTick(due);
  }

  /** @internal The tick is left as it is: it finds nothing to do, which is cheaper than a new one each time. */
  remove(timer: WheelTimer): void {
    this.#buckets.remove(timer);
    this.armed--;
  }

  /** Serves all that is due; the action of TIMER_SOFTIRQ. @kernel kernel/time/timer.c run_timer_softirq() */
  run(): void {
    const now = this.jiffies;
    this.#tickAt = Infinity;
    while (this.armed > 0) {
      const next = this.#buckets.nextExpiry(this.#clk);
      if (next > now) break;
      this.#clk = next + 1; // before the handlers run: what they arm goes to later buckets
      this.#expireAt(next);
    }
    if (this.#clk <= now) this.#clk = now + 1;
    if (this.armed === 0) return;
    const next = this.#buckets.nextExpiry(this.#clk);
    if (next < this.#tickAt) this.#setTick(next);
  }

  /** Nothing is due before the tick, so the time until then need not be served. */
  #catchUp(): void {
    const now = this.jiffies;
    if (now > this.#clk) this.#clk = Math.min(now, this.#tickAt);
  }

  /** Puts the timer into its bucket and returns when that is served. @kernel kernel/time/timer.c calc_wheel_index() */
  #place(timer: WheelTimer): number {
    const delta = timer.expires - this.#clk;
    if (delta < 0) {
      this.#buckets.add(timer, this.#clk & LEVEL_MASK);
      return this.#clk;
    }
    const expires = delta > LONGEST ? this.#clk + LONGEST : timer.expires;
    let level = 0;
    while (level < LEVELS - 1 && delta >= levelStart(level + 1)) level++;
    // Rounded up, since a timer never expires early.
    const slot = Math.floor(expires / levelUnit(level)) + 1;
    this.#buckets.add(timer, level * LEVEL_SIZE + (slot & LEVEL_MASK));
    return slot * levelUnit(level);
  }

  /** Serves the bucket of every level whose turn it is at jiffy `clk`. */
  #expireAt(clk: number): void {
    for (let level = 0; level < LEVELS && clk % levelUnit(level) === 0; level++) {
      const bucket = level * LEVEL_SIZE + (Math.floor(clk / levelUnit(level)) & LEVEL_MASK);
      // A handler may cancel or arm any timer, so the bucket is looked at afresh each time.
      for (let timer = this.#buckets.first(bucket); timer !== null; timer = this.#buckets.first(bucket)) {
        this.remove(timer);
        timer.expire();
      }
    }
  }

  #setTick(at: number): void {
    this.#tickAt = at;
    this.#tick.set(at * JIFFY);
  }
}
