import { Timer, type Clock, type Nanoseconds } from '@stack/clock';
import type { InterruptPin } from '@stack/pci';
import { ICR_ALL } from './bits.ts';

/** The throttle register counts in steps of 256 ns. */
const ITR_UNIT: Nanoseconds = 256;

/** Causes, their mask, and the least time between two interrupts. Manual 13.4.17 to 13.4.21. */
export class Interrupts {
  #causes = 0;
  #mask = 0;
  #interval: Nanoseconds = 0;
  #notBefore: Nanoseconds = 0;
  readonly #clock: Clock;
  readonly #pin: InterruptPin;
  readonly #throttle: Timer;

  constructor(clock: Clock, pin: InterruptPin) {
    this.#clock = clock;
    this.#pin = pin;
    this.#throttle = new Timer(clock, { run: () => this.#assert() });
  }

  get mask(): number {
    return this.#mask;
  }

  get throttle(): number {
    return this.#interval / ITR_UNIT;
  }

  raise(causes: number): void {
    this.#causes |= causes & ICR_ALL;
    this.#update();
  }

  /** Reading ICR takes the causes back. */
  read(): number {
    const causes = this.#causes;
    this.#causes = 0;
    this.#update();
    return causes;
  }

  /** Writing ones to ICR takes those causes back. */
  acknowledge(causes: number): void {
    this.#causes &= ~causes;
    this.#update();
  }

  enable(causes: number): void {
    this.#mask |= causes & ICR_ALL;
    this.#update();
  }

  disable(causes: number): void {
    this.#mask &= ~causes;
    this.#update();
  }

  setThrottle(register: number): void {
    this.#interval = (register & 0xffff) * ITR_UNIT;
  }

  reset(): void {
    this.#causes = this.#mask = this.#interval = this.#notBefore = 0;
    this.#update();
  }

  #update(): void {
    if ((this.#causes & this.#mask) === 0) {
      this.#pin.lower();
      this.#throttle.cancel();
    } else if (this.#interval === 0 || this.#clock.now() >= this.#notBefore) {
      this.#assert();
    } else if (!this.#throttle.armed) {
      this.#throttle.set(this.#notBefore);
    }
  }

  #assert(): void {
    this.#throttle.cancel();
    if (this.#interval !== 0) this.#notBefore = this.#clock.now() + this.#interval;
    this.#pin.raise();
  }
}
