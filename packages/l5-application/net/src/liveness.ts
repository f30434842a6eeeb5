import type { Clock } from '@stack/clock';

/**
 * Keeps the process alive while servers listen and sockets are open, as Node's own handles do, and lets it end when
 * the last one closes or is unref'd.
 */
export class Liveness {
  readonly #clock: Clock;
  #count = 0;
  #release: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ref(): void {
    if (this.#count++ === 0) this.#release = this.#clock.hold();
  }

  unref(): void {
    if (--this.#count === 0) this.close();
  }

  /** The host is gone, and with it all that kept the process alive. */
  close(): void {
    this.#release?.();
    this.#release = null;
  }
}
