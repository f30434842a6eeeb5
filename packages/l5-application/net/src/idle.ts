import { type Clock, Timer } from '@stack/clock';

/** Tells when nothing went either way for `ms` milliseconds. */
export class Idle {
  readonly ms: number;
  readonly #timer: Timer;

  constructor(clock: Clock, ms: number, expired: () => void) {
    this.ms = ms;
    this.#timer = new Timer(clock, { run: expired });
  }

  /** The time begins anew. */
  begin(): void {
    this.#timer.setIn(this.ms * 1e6);
  }

  cancel(): void {
    this.#timer.cancel();
  }
}
