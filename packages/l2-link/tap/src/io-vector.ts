import type { Libc } from './libc.ts';

const HEADER_ROOM = 64;
const SIZEOF_IOVEC = 16;
const MAX_PIECES = 24;

/** What one readv or writev is about: a header of our own, and pieces of the arena. Made once and reused. */
export class IoVector {
  /** The bytes of the header, at the front of the vector's own memory. */
  readonly header: DataView;
  /** Where the list of pieces begins in this process's memory. */
  readonly address: number;
  count = 0;
  readonly #words: Uint32Array;
  readonly #headerAddress: number;
  readonly #arenaAddress: number;

  constructor(libc: Libc, arena: ArrayBuffer) {
    const own = new ArrayBuffer(HEADER_ROOM + MAX_PIECES * SIZEOF_IOVEC);
    this.header = new DataView(own);
    this.#words = new Uint32Array(own, HEADER_ROOM);
    this.#headerAddress = libc.addressOf(own);
    this.address = this.#headerAddress + HEADER_ROOM;
    this.#arenaAddress = libc.addressOf(arena);
  }

  /** Begins anew, with the header as the first piece. */
  start(headerLength: number): void {
    this.count = 0;
    this.#add(this.#headerAddress, headerLength);
  }

  /** Adds a piece of the arena. */
  add(at: number, length: number): void {
    this.#add(this.#arenaAddress + at, length);
  }

  /** Pointers and lengths are 64-bit numbers; addresses of processes stay below 2^47. */
  #add(address: number, length: number): void {
    const at = this.count++ * 4;
    this.#words[at] = address % 0x1_0000_0000;
    this.#words[at + 1] = Math.floor(address / 0x1_0000_0000);
    this.#words[at + 2] = length;
    this.#words[at + 3] = 0;
  }
}
