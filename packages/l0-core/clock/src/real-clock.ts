import { MSEC, SEC, type Clock, type Nanoseconds, type Task } from './clock.ts';
import { TaskQueue } from './task-queue.ts';
import { TimerHeap } from './timer-heap.ts';

/** What the real clock asks of its surroundings; {@link platform} finds it in Node and browsers. */
export interface Platform {
  /** Milliseconds, monotonic, with a fraction. */
  now(): number;
  /** Runs `fn` as a macrotask, as soon as possible. */
  macrotask(fn: () => void): void;
  /** Runs `fn` after `ms`; the result cancels it. Must not keep the process alive. */
  after(ms: number, fn: () => void): () => void;
  /** Keeps the process alive until the result is called. */
  keepAlive(): () => void;
}

/**
 * Time begins here, beyond 31 bits: when a clock passes what an engine keeps as a small integer, all fields that hold a
 * time change their kind, and all compiled code that reads them is thrown away.
 */
const BEGINNING = 5 * SEC;
/** How long one macrotask may run our tasks before the event loop gets its turn. */
const TURN_LIMIT = MSEC / 2;
/** Reading the platform's clock costs as much as a small task: it is looked at once in this many tasks, */
const TASKS_PER_LOOK = 4;
const TIMERS_PER_LOOK = 256;
/** or questions: a packet asks many times, as it reads jiffies in the kernel. */
const ANSWERS_PER_LOOK = 16;
/** The platform's timers are no finer than this (ms): what is nearer is awaited turn by turn. */
const FINEST_SLEEP = 1;

const NOTHING = (): void => {};

/** Wall time. Tasks run in batches of half a millisecond, so that the application's own timers and I/O keep their pace. */
export class RealClock implements Clock {
  readonly timers = new TimerHeap(() => this.#timersChanged());
  readonly #platform: Platform;
  readonly #origin: number;
  #tasks = new TaskQueue();
  #yielded = new TaskQueue();
  #scheduled = false;
  #running = false;
  #time: Nanoseconds = BEGINNING;
  /** How often {@link now} may still answer with `#time`. */
  #answers = 0;
  #wakeAt: Nanoseconds = Infinity;
  #cancelWake: () => void = NOTHING;
  #holders = 0;
  #release: () => void = NOTHING;
  readonly #drain = (): void => this.#turn();

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#origin = platform.now() - BEGINNING / MSEC;
  }

  now(): Nanoseconds {
    if (this.#answers > 0) {
      this.#answers--;
      return this.#time;
    }
    this.#time = Math.floor((this.#platform.now() - this.#origin) * MSEC);
    if (this.#running) this.#answers = ANSWERS_PER_LOOK - 1;
    return this.#time;
  }

  look(): Nanoseconds {
    this.#answers = 0;
    return this.now();
  }

  post(task: Task): void {
    this.#tasks.push(task);
    if (!this.#scheduled) this.#schedule();
  }

  yield(task: Task): void {
    this.#yielded.push(task);
    if (!this.#scheduled) this.#schedule();
  }

  drain(): void {
    if (!this.#running) this.#turn();
  }

  hold(): () => void {
    if (this.#holders++ === 0) this.#release = this.#platform.keepAlive();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      if (--this.#holders === 0) this.#release();
    };
  }

  #schedule(): void {
    this.#scheduled = true;
    this.#platform.macrotask(this.#drain);
  }

  #turn(): void {
    for (let n = this.#yielded.length; n > 0; n--) this.#tasks.push(this.#yielded.shift()!);
    this.#running = true;
    try {
      this.#runTasks(this.look());
    } finally {
      this.#running = false;
      this.#answers = 0;
      this.#scheduled = false;
      if (this.#tasks.length > 0 || this.#yielded.length > 0) this.#schedule();
      else this.#arm();
    }
  }

  #runTasks(start: Nanoseconds): void {
    let now = start;
    let left = TASKS_PER_LOOK;
    this.#runDue(now);
    for (let task = this.#tasks.shift(); task !== null; task = this.#tasks.shift()) {
      task.run();
      if (--left <= 0) this.look();
      if (this.#time === now) continue;
      now = this.#time;
      left = TASKS_PER_LOOK;
      if (now - start >= TURN_LIMIT) return;
      this.#runDue(now);
    }
  }

  /** Bounded, because a timer may arm itself again for a time that has passed. */
  #runDue(now: Nanoseconds): void {
    for (let n = TIMERS_PER_LOOK; n > 0; n--) {
      const timer = this.timers.takeDue(now);
      if (timer === null) return;
      this.#answers = 0;
      timer.run();
    }
  }

  #timersChanged(): void {
    if (!this.#running && !this.#scheduled) this.#arm();
  }

  #arm(): void {
    const next = this.timers.next;
    if (next === this.#wakeAt) return;
    this.#cancelWake();
    this.#wakeAt = next;
    if (next === Infinity) return;
    const ms = (next - this.now()) / MSEC;
    if (ms < FINEST_SLEEP) {
      this.#wakeAt = Infinity;
      this.#cancelWake = NOTHING;
      this.#schedule();
      return;
    }
    this.#cancelWake = this.#platform.after(Math.floor(ms), () => {
      this.#wakeAt = Infinity;
      if (!this.#scheduled) this.#schedule();
    });
  }
}
