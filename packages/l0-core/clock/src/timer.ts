import type { Clock, HeapTimer, Nanoseconds, Task } from './clock.ts';

/** A one-shot timer that can be armed again and again. Arming an armed timer moves it. */
export class Timer implements HeapTimer {
  at: Nanoseconds = 0;
  order = 0;
  slot = -1;
  readonly #clock: Clock;
  readonly #task: Task;

  /** The task runs when the timer expires; by then the timer is no longer armed. */
  constructor(clock: Clock, task: Task) {
    this.#clock = clock;
    this.#task = task;
  }

  get armed(): boolean {
    return this.slot >= 0;
  }

  /** Arms for an absolute time. A time in the past expires at the next turn. */
  set(at: Nanoseconds): void {
    if (this.slot >= 0) this.#clock.timers.remove(this);
    this.at = at;
    this.#clock.timers.add(this);
  }

  /** Arms for a time from now. */
  setIn(delay: Nanoseconds): void {
    this.set(this.#clock.now() + delay);
  }

  cancel(): void {
    if (this.slot >= 0) this.#clock.timers.remove(this);
  }

  run(): void {
    this.#task.run();
  }
}
