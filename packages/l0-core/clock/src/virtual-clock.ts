import { StackError } from '@stack/plugin';
import type { Clock, Nanoseconds, Task } from './clock.ts';
import { TaskQueue } from './task-queue.ts';
import { TimerHeap } from './timer-heap.ts';

/**
 * Time that moves only when told to, from one event to the next. The same program with the same seed does the
 * same things at the same nanoseconds, however loaded the machine is.
 *
 * ```ts
 * const clock = virtualClock();
 * clock.runFor(5 * SEC);              // for code that never leaves the stack
 * await clock.settle(client.fetch(url)); // for code that also needs the event loop
 * ```
 */
export class VirtualClock implements Clock {
  readonly timers = new TimerHeap(() => {});
  #now: Nanoseconds;
  #tasks = new TaskQueue();
  #running = false;
  readonly #turn: (resume: () => void) => void;

  constructor(start: Nanoseconds, turn: (resume: () => void) => void) {
    this.#now = start;
    this.#turn = turn;
  }

  now(): Nanoseconds {
    return this.#now;
  }

  look(): Nanoseconds {
    return this.#now;
  }

  post(task: Task): void {
    this.#tasks.push(task);
  }

  yield(task: Task): void {
    this.#tasks.push(task);
  }

  hold(): () => void {
    return () => {};
  }

  /** Whether nothing is posted; timers may still be armed. */
  get idle(): boolean {
    return this.#tasks.length === 0;
  }

  /** When the next timer expires, or Infinity. */
  get nextTimer(): Nanoseconds {
    return this.timers.next;
  }

  /** Runs everything that is due at this instant. */
  drain(): void {
    if (this.#running) return;
    this.#running = true;
    try {
      for (;;) {
        const task = this.#tasks.shift() ?? this.timers.takeDue(this.#now);
        if (task === null) return;
        task.run();
      }
    } finally {
      this.#running = false;
    }
  }

  /** Moves to the next armed timer and runs all of that instant. False when no timer is armed until `limit`. */
  step(limit: Nanoseconds = Infinity): boolean {
    this.drain();
    const next = this.timers.next;
    if (next > limit || next === Infinity) return false;
    if (next > this.#now) this.#now = next;
    this.drain();
    return true;
  }

  /** Runs all events up to and including time `at`, and leaves the clock there. */
  runUntil(at: Nanoseconds): void {
    while (this.step(at));
    if (at > this.#now) this.#now = at;
  }

  runFor(duration: Nanoseconds): void {
    this.runUntil(this.#now + duration);
  }

  /** Runs until nothing is posted and no timer is armed, or no timer until `limit`. The clock stays at the last event. */
  runToEnd(limit: Nanoseconds = Infinity): void {
    while (this.step(limit));
  }

  /**
   * Moves time forward, giving the event loop a turn between events, until the promise settles. Rejects with
   * `ERR_STACK_CLOCK_STALLED` if no event is left that could settle it, or at `limit`.
   */
  async settle<T>(promise: PromiseLike<T>, limit: Nanoseconds = Infinity): Promise<T> {
    let settled = false;
    const done = Promise.resolve(promise).finally(() => {
      settled = true;
    });
    done.catch(() => {});
    let quiet = 0;
    while (!settled) {
      await new Promise<void>((resume) => this.#turn(resume));
      if (settled) break;
      if (!this.idle) {
        this.drain();
        quiet = 0;
      } else if (this.step(limit)) {
        quiet = 0;
      } else if (++quiet > QUIET_TURNS) {
        throw new StackError(
          'ERR_STACK_CLOCK_STALLED',
          `no event is left at ${this.#now} ns that could settle the promise`,
          'see what it waits for, or give a later limit',
        );
      }
    }
    return done;
  }
}

/** Turns of the event loop that may pass without an event of ours: work of other libraries may be under way. */
const QUIET_TURNS = 1_000;
