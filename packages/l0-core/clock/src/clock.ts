import { token } from '@stack/plugin';

/** Integer nanoseconds since a beginning of the clock's choice. Exact up to 104 days. */
export type Nanoseconds = number;

export const USEC = 1_000;
export const MSEC = 1_000_000;
export const SEC = 1_000_000_000;

/** Something that runs to its end without blocking. A task is an object so that posting it allocates nothing. */
export interface Task {
  run(): void;
}

/**
 * The only source of time and of turns. Devices, interrupts and wake-ups all happen as tasks of the clock, never
 * inside one another: this is what keeps one host from recursing into the next.
 */
export interface Clock {
  /** Monotonic time in integer nanoseconds. Of real time it may tell the same to a few questions in a row. */
  now(): Nanoseconds;
  /** The same to the nanosecond, and dearer: for measuring. */
  look(): Nanoseconds;
  /** Runs the task soon, at this instant of the clock, after all tasks posted before. The same task may be posted twice. */
  post(task: Task): void;
  /** Runs the task after the event loop had its turn: what must not starve anybody yields. */
  yield(task: Task): void;
  /**
   * Runs what is posted right now, before the event loop has its turn: for setting things up. Does nothing when called
   * from inside a task.
   */
  drain(): void;
  /** @internal Used by {@link Timer}. */
  readonly timers: TimerHeapLike;
  /** Keeps the process alive, as an open socket does, until the returned function is called. */
  hold(): () => void;
}

/** @internal */
export interface TimerHeapLike {
  add(timer: HeapTimer): void;
  remove(timer: HeapTimer): void;
}

/** @internal What the heap needs of a timer. */
export interface HeapTimer extends Task {
  at: Nanoseconds;
  /** Order of arming, which decides between equal times. */
  order: number;
  /** Place in the heap, -1 when not armed. */
  slot: number;
}

export const Clock = token<Clock>('Clock', 'pass a clock to the host, for example virtualClock()');
