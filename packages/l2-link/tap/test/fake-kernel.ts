import { EAGAIN } from '@stack/plugin';
import type { Libc } from '../src/libc.ts';
import type { Watch } from '../src/poller.ts';
import { VNET_HEADER } from '../src/vnet-header.ts';

/** Buffers lie this far apart, and beyond 32 bits, in the address space of the fake. */
const DISTANCE = 2 ** 33;
const SIZEOF_IOVEC = 16;

/** The kernel's end of one TAP device, in JavaScript: a queue of frames to be read, and those that were written. */
export class FakeKernel implements Libc {
  readonly queue: Uint8Array[] = [];
  readonly written: Uint8Array[] = [];
  /** What the next write answers: 0 is success. */
  writeErrno = 0;
  /** What reading answers when the queue is empty. */
  readErrno = EAGAIN;
  /** How often the queue was found empty. */
  emptyReads = 0;
  /** Events that are waited for, in the order of the watches. */
  readonly armed: number[] = [];
  readonly #ready: (() => void)[] = [];
  readonly #buffers: ArrayBuffer[] = [];
  #errno = 0;

  /** A frame with nothing to say in front. */
  send(frame: Uint8Array, header: readonly number[] = []): void {
    const whole = new Uint8Array(VNET_HEADER + frame.length);
    whole.set(header);
    whole.set(frame, VNET_HEADER);
    this.queue.push(whole);
  }

  /** Calls back who waits for the events, as the poller would. */
  ready(watch: number): void {
    this.armed[watch] = 0;
    this.#ready[watch]();
  }

  watch = (_: number, ready: () => void): Watch => {
    const index = this.#ready.push(ready) - 1;
    this.armed[index] = 0;
    return {
      arm: (events) => void (this.armed[index] = events),
      close: () => void (this.armed[index] = -1),
    };
  };

  readv = (_: number, vector: number, count: number): number => {
    const frame = this.queue.shift();
    if (frame === undefined) {
      this.emptyReads++;
      return this.#fail(this.readErrno);
    }
    let at = 0;
    for (const piece of this.#pieces(vector, count)) {
      piece.set(frame.subarray(at, at + piece.length));
      at += Math.min(piece.length, frame.length - at);
    }
    return at;
  };

  writev = (_: number, vector: number, count: number): number => {
    if (this.writeErrno !== 0) return this.#fail(this.writeErrno);
    const whole = Buffer.concat(this.#pieces(vector, count));
    this.written.push(new Uint8Array(whole));
    return whole.length;
  };

  errno = (): number => this.#errno;

  addressOf = (buffer: ArrayBuffer): number => {
    const known = this.#buffers.indexOf(buffer);
    return DISTANCE * (known >= 0 ? known + 1 : this.#buffers.push(buffer));
  };

  ioctl = (): number => 0;
  setns = (): number => 0;
  eventfd = (): number => 0;
  poll = (): void => {};

  #fail(errno: number): number {
    this.#errno = errno;
    return -1;
  }

  #pieces(vector: number, count: number): Uint8Array[] {
    const list = this.#at(vector, count * SIZEOF_IOVEC);
    const words = new DataView(list.buffer, list.byteOffset);
    return Array.from({ length: count }, (_, i) => {
      const address = Number(words.getBigUint64(i * SIZEOF_IOVEC, true));
      return this.#at(address, Number(words.getBigUint64(i * SIZEOF_IOVEC + 8, true)));
    });
  }

  #at(address: number, length: number): Uint8Array {
    return new Uint8Array(this.#buffers[Math.floor(address / DISTANCE) - 1], address % DISTANCE, length);
  }
}
