import { Timer, type Nanoseconds } from '@stack/clock';
import type { Cpu } from './cpu.ts';

/**
 * A timer in nanoseconds, for what the wheel is too coarse for: pacing and the shaping of queues. It expires in
 * interrupt context, so what it raises is served right after.
 *
 * @kernel include/linux/hrtimer.h struct hrtimer
 */
export class Hrtimer {
  readonly #timer: Timer;

  constructor(cpu: Cpu, expire: () => void) {
    const interrupt = { run: expire };
    this.#timer = new Timer(cpu.clock, { run: () => cpu.runAsInterrupt(interrupt) });
  }

  get armed(): boolean {
    return this.#timer.armed;
  }

  /** When it expires, if armed. */
  get expires(): Nanoseconds {
    return this.#timer.at;
  }

  /** Arms for an absolute time; moves it when armed. */
  start(at: Nanoseconds): void {
    this.#timer.set(at);
  }

  cancel(): void {
    this.#timer.cancel();
  }
}
