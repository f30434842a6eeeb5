import { closeSync, readSync, writeSync } from 'node:fs';
import type { Libc } from './libc.ts';

export const POLLIN = 1;
export const POLLOUT = 4;

const EFD_NONBLOCK = 0o4000;
const EFD_CLOEXEC = 0o2000000;
const MAX_FDS = 1024;

/** A descriptor that is waited for. */
export interface Watch {
  /** Waits for POLL* bits, once. The descriptor must be open. */
  arm(events: number): void;
  /** Never calls back again. */
  close(): void;
}

interface Entry {
  readonly fd: number;
  /** 0 while nothing is waited for. */
  events: number;
  readonly ready: () => void;
}

/**
 * Waits for any number of descriptors in one worker thread of libuv, which has only four for everybody. An eventfd
 * wakes that thread when there is something new to wait for.
 */
export class Poller {
  readonly #libc: Libc;
  readonly #entries = new Set<Entry>();
  /** Pairs of int32: the descriptor, and what is asked (low half) and answered (high half). */
  readonly #fds = new Int32Array(new ArrayBuffer(MAX_FDS * 8));
  readonly #address: number;
  /** What the running poll waits for; behind them, in `#fds`, is the eventfd. */
  #waiting: Entry[] = [];
  #state: 'idle' | 'polling' | 'calling' = 'idle';
  #woken = false;
  #eventfd = -1;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#address = libc.addressOf(this.#fds.buffer as ArrayBuffer);
  }

  watch(fd: number, ready: () => void): Watch {
    const entry: Entry = { fd, events: 0, ready };
    this.#entries.add(entry);
    return {
      arm: (events) => {
        if (entry.events === events) return;
        entry.events = events;
        this.#changed();
      },
      close: () => {
        entry.events = 0;
        this.#entries.delete(entry);
        this.#changed();
      },
    };
  }

  #changed(): void {
    if (this.#state === 'idle') this.#poll();
    else if (this.#state === 'polling' && !this.#woken) {
      this.#woken = true;
      writeSync(this.#eventfd, ONE);
    }
  }

  #poll(): void {
    this.#waiting = [...this.#entries].filter(({ events }) => events !== 0);
    const count = this.#waiting.length;
    if (count === 0) return this.#rest();
    if (this.#eventfd < 0) this.#eventfd = this.#libc.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    this.#waiting.forEach(({ fd, events }, index) => this.#ask(index, fd, events));
    this.#ask(count, this.#eventfd, POLLIN);
    this.#state = 'polling';
    this.#libc.poll(this.#address, count + 1, () => this.#done());
  }

  #rest(): void {
    if (this.#entries.size > 0 || this.#eventfd < 0) return;
    closeSync(this.#eventfd);
    this.#eventfd = -1;
  }

  #ask(index: number, fd: number, events: number): void {
    this.#fds[2 * index] = fd;
    this.#fds[2 * index + 1] = events;
  }

  #done(): void {
    this.#state = 'calling';
    if (this.#woken) readSync(this.#eventfd, new Uint8Array(8));
    this.#woken = false;
    this.#waiting.forEach((entry, index) => {
      if (this.#fds[2 * index + 1] >>> 16 === 0 || entry.events === 0) return;
      entry.events = 0;
      entry.ready();
    });
    this.#state = 'idle';
    this.#poll();
  }
}

/** What is written to an eventfd: a 64-bit 1. */
const ONE = new Uint8Array(new BigUint64Array([1n]).buffer);

let shared: Poller | undefined;

/** The poller of the process: threads, unlike the state of a host, are the process's. */
export function processPoller(libc: Libc): Poller {
  shared ??= new Poller(libc);
  return shared;
}
