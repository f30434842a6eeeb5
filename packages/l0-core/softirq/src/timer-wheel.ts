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
  readonly cpu: Cpu;
  readonly #buckets = new Buckets();
  readonly #tick: Timer;
  /** The first jiffy that has not been served. */
  #clk: number;
  /** No timer is due before this jiffy. A timer that was removed may have left it too early. */
  #nextExpiry = Infinity;
  #running = false;

  constructor(cpu: Cpu) {
    this.cpu = cpu;
    this.#clk = this.jiffies;
    const softirq = { run: () => cpu.raiseSoftirqIrqoff(TIMER_SOFTIRQ) };
    this.#tick = new Timer(cpu.clock, { run: () => cpu.runAsInterrupt(softirq) });
  }

  /** @kernel include/linux/jiffies.h jiffies */
  get jiffies(): number {
    return Math.floor(this.cpu.clock.now() / JIFFY);
  }

  /** @internal */
  add(timer: WheelTimer): void {
    this.#forward();
    this.armed++;
    const due = this.#place(timer);
    if (due >= this.#nextExpiry) return;
    this.#nextExpiry = due;
    if (!this.#running) this.#tick.set(due * JIFFY);
  }

  /** @internal The tick is left as it is: it finds nothing to do, which is cheaper than a new one each time. */
  remove(timer: WheelTimer): void {
    this.#buckets.remove(timer);
    this.armed--;
  }

  /** Serves all that is due; the action of TIMER_SOFTIRQ. @kernel kernel/time/timer.c run_timer_softirq() */
  run(): void {
    const now = this.jiffies;
    this.#running = true;
    while (this.#nextExpiry <= now) {
      const jiffy = this.#nextExpiry;
      this.#buckets.collect(jiffy);
      this.#clk = jiffy + 1;
      this.#nextExpiry = this.#buckets.nextExpiry(this.#clk);
      this.#expire();
    }
    this.#running = false;
    if (this.#nextExpiry !== Infinity) this.#tick.set(this.#nextExpiry * JIFFY);
  }

  /** Forgets the tick; for a host that closes. */
  stop(): void {
    this.#tick.cancel();
  }

  /** Jiffies in which nothing is due need not be served. @kernel kernel/time/timer.c forward_timer_base() */
  #forward(): void {
    const now = this.jiffies;
    if (now > this.#clk) this.#clk = Math.min(now, this.#nextExpiry);
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

  /** A handler may cancel or arm any timer, so the list is looked at afresh each time. @kernel kernel/time/timer.c expire_timers() */
  #expire(): void {
    for (let timer = this.#buckets.served; timer !== null; timer = this.#buckets.served) {
      this.remove(timer);
      timer.expire();
    }
  }
}
