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

/** Resolves once one of the events holds, or the socket is closed. */
export function waitFor(file: SocketFile, events: number): Promise<void> {
  return new Promise((resolve) => {
    if (!(file.listener instanceof Waiters)) file.listener = new Waiters(file);
    (file.listener as Waiters).add({ events, resolve });
    file.listenAgain();
  });
}
