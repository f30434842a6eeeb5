import { Timer, type Clock, type Nanoseconds } from '@stack/clock';

/** Delay registers count in steps of 1.024 microseconds. */
const UNIT = 1024;

/**
 * An interrupt cause that waits for more of its kind: each one starts the relative delay anew, and the absolute one
 * bounds the wait. Manual 13.4.30, 13.4.31, 13.4.44 and 13.4.46.
 */
export class DelayedInterrupt {
  readonly #clock: Clock;
  readonly #timer: Timer;
  readonly #raise: () => void;
  /** When the delays end. A later end does not move the timer, which is dear: it looks when it expires. */
  #relative: Nanoseconds = 0;
  #absolute: Nanoseconds = 0;

  constructor(clock: Clock, raise: () => void) {
    this.#clock = clock;
    this.#raise = raise;
    this.#timer = new Timer(clock, { run: () => this.#expired() });
  }

  /** Both as in their registers; an absolute delay of 0 is none. */
  request(relative: number, absolute: number): void {
    const now = this.#clock.now();
    this.#relative = now + relative * UNIT;
    if (this.#timer.armed) return;
    this.#absolute = absolute === 0 ? Infinity : now + absolute * UNIT;
    this.#timer.set(Math.min(this.#relative, this.#absolute));
  }

  /** What waits comes now. */
  flush(): void {
    this.cancel();
    this.#raise();
  }

  cancel(): void {
    this.#timer.cancel();
  }

  #expired(): void {
    const end = Math.min(this.#relative, this.#absolute);
    if (this.#clock.now() < end) this.#timer.set(end);
    else this.#raise();
  }
}
