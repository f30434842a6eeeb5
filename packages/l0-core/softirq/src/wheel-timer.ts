import type { TimerWheel } from './timer-wheel.ts';

/**
 * A timer of the wheel. Arming and cancelling cost a few assignments, whatever the number of timers; in exchange a
 * timer far away expires up to an eighth late, as in Linux. It expires in TIMER_SOFTIRQ.
 *
 * @kernel include/linux/timer_types.h struct timer_list
 */
export class WheelTimer {
  /** In jiffies. */
  expires = 0;
  /** @internal Neighbours in the bucket, and which one it is (-1: not armed). */
  next: WheelTimer | null = null;
  prev: WheelTimer | null = null;
  bucket = -1;
  readonly wheel: TimerWheel;
  readonly expire: () => void;

  constructor(wheel: TimerWheel, expire: () => void) {
    this.wheel = wheel;
    this.expire = expire;
  }

  get pending(): boolean {
    return this.bucket >= 0;
  }

  /** Arms for `expires` jiffies, absolute. Moves the timer when armed. @kernel kernel/time/timer.c mod_timer() */
  mod(expires: number): void {
    if (this.bucket >= 0) {
      if (this.expires === expires) return;
      this.wheel.remove(this);
    }
    this.expires = expires;
    this.wheel.add(this);
  }

  /** @kernel kernel/time/timer.c timer_delete() */
  cancel(): void {
    if (this.bucket >= 0) this.wheel.remove(this);
  }
}
