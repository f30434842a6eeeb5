import { Timer, type Clock } from '@stack/clock';

/** Delay registers count in steps of 1.024 microseconds. */
const UNIT = 1024;

/**
 * An interrupt cause that waits for more of its kind: each one starts the relative timer anew, and the absolute one
 * bounds the wait. Manual 13.4.30, 13.4.31, 13.4.44 and 13.4.46.
 */
export class DelayedInterrupt {
  readonly #relative: Timer;
  readonly #absolute: Timer;
  readonly #raise: () => void;

  constructor(clock: Clock, raise: () => void) {
    this.#raise = raise;
    this.#relative = new Timer(clock, { run: () => this.flush() });
    this.#absolute = new Timer(clock, { run: () => this.flush() });
  }

  /** Both as in their registers; an absolute delay of 0 is none. */
  request(relative: number, absolute: number): void {
    this.#relative.setIn(relative * UNIT);
    if (absolute !== 0 && !this.#absolute.armed) this.#absolute.setIn(absolute * UNIT);
  }

  /** What waits comes now. */
  flush(): void {
    this.cancel();
    this.#raise();
  }

  cancel(): void {
    this.#relative.cancel();
    this.#absolute.cancel();
  }
}
