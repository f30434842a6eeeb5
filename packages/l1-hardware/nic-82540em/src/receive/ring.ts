import type { Frame } from '@stack/cable';
import { csumBlockAdd } from '@stack/memory';
import {
  ICR_RXDMT0,
  RCTL_BSEX,
  RCTL_BSIZE_SHIFT,
  RCTL_RDMTS_SHIFT,
  RXD_ERR_CE,
  RXD_STAT_DD,
  RXD_STAT_EOP,
  RXD_STAT_PIF,
  RXD_STAT_VP,
} from '../bits.ts';
import type { Core } from '../core.ts';
import { RCTL, RDBAH, RDBAL, RDH, RDLEN, RDT, RXCSUM } from '../registers.ts';
import { verify } from './checksum.ts';
import { packetChecksum } from './packet-checksum.ts';
import { INEXACT } from './filter.ts';

const SIZE = 16;

/** The receive descriptor ring. Manual 3.2.2 to 3.2.4. */
export class ReceiveRing {
  readonly #core: Core;
  /** Where the copy of a frame stands: piece, bytes of it done, partial checksum so far. */
  #piece = 0;
  #offset = 0;
  #sum = 0;

  // What the registers say, in the form that each frame needs.
  #bufferSize = 0;
  #count = 0;
  #base = 0;
  /** So many free descriptors are few. */
  #few = 0;
  #checked = false;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Registers of the ring or RCTL were written. */
  configure(): void {
    const { regs } = this.#core;
    const control = regs[RCTL >>> 2];
    const size = 2048 >>> ((control >>> RCTL_BSIZE_SHIFT) & 3);
    this.#bufferSize = (control & RCTL_BSEX) === 0 ? size : size << 4;
    this.#count = regs[RDLEN >>> 2] >>> 4;
    this.#few = this.#count >>> (((control >>> RCTL_RDMTS_SHIFT) & 3) + 1);
    this.#base = regs[RDBAL >>> 2];
    this.#checked = false;
  }

  /** Descriptors that the driver has filled and the chip has not. */
  get free(): number {
    const { regs } = this.#core;
    const free = regs[RDT >>> 2] - regs[RDH >>> 2];
    return free < 0 ? free + this.#count : free;
  }

  /** Whether there are enough descriptors. A frame that is too long for them is refused as a whole. */
  hasRoomFor(length: number): boolean {
    const { free } = this;
    return free > 0 && length <= free * this.#bufferSize;
  }

  /** Copies the frame into the next buffers. False when memory does not answer: the frame is lost. */
  store(frame: Frame, match: number, tag: number): boolean {
    if (!this.#checked && !this.#check()) return false;
    const { regs, memory } = this.#core;
    const { view } = memory;
    const { length } = frame;
    this.#piece = this.#offset = this.#sum = 0;
    let firstBuffer = 0;
    let head = regs[RDH >>> 2];
    for (let done = 0; done < length;) {
      const at = this.#base + head * SIZE;
      const buffer = view.getInt32(at, true);
      const n = length - done < this.#bufferSize ? length - done : this.#bufferSize;
      if (!this.#core.reaches(buffer, view.getInt32(at + 4, true), n, true)) return false;
      if (done === 0) firstBuffer = buffer;
      this.#copy(frame, buffer, n, done);
      done += n;
      if (done === length) this.#writeLast(at, firstBuffer, n, frame, match, tag);
      else this.#writeBack(at, n, 0, RXD_STAT_DD, 0, 0);
      head = head + 1 === this.#count ? 0 : head + 1;
      regs[RDH >>> 2] = head;
    }
    // Few buffers are left: the driver should hurry.
    if (this.free === this.#few) this.#core.interrupts.raise(ICR_RXDMT0);
    return true;
  }

  /** Whether memory has the whole ring. */
  #check(): boolean {
    const { regs } = this.#core;
    if (regs[RDH >>> 2] >= this.#count || regs[RDT >>> 2] >= this.#count) return false;
    this.#checked = this.#core.reaches(this.#base, regs[RDBAH >>> 2], this.#count * SIZE, true);
    return this.#checked;
  }

  /** The one copy on a frame's way, with its checksum. */
  #copy(frame: Frame, to: number, length: number, done: number): void {
    const { memory } = this.#core;
    const { kernels } = memory;
    const shared = frame.memory === memory.u8;
    let at = 0;
    while (at < length) {
      const from = frame.addresses[this.#piece] + this.#offset;
      const room = frame.lengths[this.#piece] - this.#offset;
      const n = Math.min(room, length - at);
      if (!shared) memory.u8.set(frame.memory.subarray(from, from + n), to + at);
      const odd = (done + at) & 1;
      const start = odd === 0 ? this.#sum : 0;
      const sum = shared ? kernels.copyAndChecksum(to + at, from, n, start) : kernels.checksum(to + at, n, start);
      this.#sum = odd === 0 ? sum : csumBlockAdd(this.#sum, sum, 1);
      at += n;
      this.#offset += n;
      if (n === room) {
        this.#piece++;
        this.#offset = 0;
      }
    }
  }

  #writeLast(at: number, firstBuffer: number, length: number, frame: Frame, match: number, tag: number): void {
    const { regs, memory } = this.#core;
    const control = regs[RXCSUM >>> 2];
    const inFirst = Math.min(frame.length, this.#bufferSize);
    const verdict = verify(memory, firstBuffer, inFirst, frame.length, this.#sum, control);
    const checksum = packetChecksum(memory, firstBuffer, inFirst, this.#sum, control & 0xff);
    let status = RXD_STAT_DD | RXD_STAT_EOP | (verdict & 0xff);
    if (match === INEXACT) status |= RXD_STAT_PIF;
    if (tag >= 0) status |= RXD_STAT_VP;
    const errors = (verdict >>> 8) | (frame.corrupt ? RXD_ERR_CE : 0);
    this.#writeBack(at, length, checksum, status, errors, tag < 0 ? 0 : tag);
  }

  #writeBack(at: number, length: number, checksum: number, status: number, errors: number, special: number): void {
    const { view } = this.#core.memory;
    view.setInt32(at + 8, length | (checksum << 16), true);
    view.setInt32(at + 12, status | (errors << 8) | (special << 16), true);
  }
}
