import { MSEC, Timer, type Clock } from '@stack/clock';
import type { ReadyListener } from './file.ts';
import type { SocketFile } from './socket-file.ts';

interface Waiter {
  readonly events: number;
  readonly resolve: () => void;
}

/** Promises that wait at one socket. */
class Waiters implements ReadyListener {
  readonly #file: SocketFile;
  #waiters: Waiter[] = [];

  constructor(file: SocketFile) {
    this.#file = file;
  }

  add(waiter: Waiter): void {
    this.#waiters.push(waiter);
  }

  remove(waiter: Waiter): void {
    this.#waiters = this.#waiters.filter((each) => each !== waiter);
    if (this.#waiters.length === 0 && this.#file.listener === this) this.#file.listener = null;
  }

  onReady(events: number): void {
    const ready = this.#waiters.filter((waiter) => (waiter.events & events) !== 0);
    this.#waiters = this.#waiters.filter((waiter) => (waiter.events & events) === 0);
    if (this.#waiters.length === 0) this.#file.listener = null;
    for (const waiter of ready) waiter.resolve();
  }

  onClosed(): void {
    for (const waiter of this.#waiters.splice(0)) waiter.resolve();
  }
}

/** How long a call may wait in all, from now on. */
export class TimeLimit {
  readonly #clock: Clock;
  readonly #end: number;

  /** Milliseconds; Infinity for ever. */
  constructor(clock: Clock, limit: number) {
    this.#clock = clock;
    this.#end = clock.now() + limit * MSEC;
  }

  /** Resolves to true once one of the events holds, or the socket is closed; to false when the time is over. */
  waitFor(file: SocketFile, events: number): Promise<boolean> {
    if (this.#end <= this.#clock.now()) return Promise.resolve(false);
    return new Promise((resolve) => {
      if (!(file.listener instanceof Waiters)) file.listener = new Waiters(file);
      const waiters = file.listener as Waiters;
      const timer = new Timer(this.#clock, {
        run: () => {
          waiters.remove(waiter);
          resolve(false);
        },
      });
      const waiter = {
        events,
        resolve: () => {
          timer.cancel();
          resolve(true);
        },
      };
      if (this.#end !== Infinity) timer.set(this.#end);
      waiters.add(waiter);
      file.listenAgain();
    });
  }
}
