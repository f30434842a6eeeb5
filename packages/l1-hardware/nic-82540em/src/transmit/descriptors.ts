import { TXD_DEXT, TXD_DTYP_DATA, TXD_DTYP_SHIFT, TXD_EOP, TXD_RS, TXD_STAT_DD } from '../bits.ts';
import type { Core } from '../core.ts';
import { TDBAH, TDBAL, TDH, TDLEN, TDT } from '../registers.ts';
import type { OffloadContext } from './context.ts';
import type { Packet } from './packet.ts';

const SIZE = 16;

/** The transmit descriptor ring. Manual 3.3 and 3.4. */
export class TransmitRing {
  readonly #core: Core;
  /** The next descriptor to read; TDH follows when its packet has been sent. */
  #next = 0;

  constructor(core: Core) {
    this.#core = core;
  }

  /** The driver set the head. */
  rewind(): void {
    this.#next = this.#core.regs[TDH >>> 2];
  }

  get nextToRead(): number {
    return this.#next;
  }

  get #count(): number {
    return this.#core.regs[TDLEN >>> 2] >>> 4;
  }

  /** Descriptors between head and tail. */
  get waiting(): number {
    const { regs } = this.#core;
    const waiting = regs[TDT >>> 2] - regs[TDH >>> 2];
    return waiting < 0 ? waiting + this.#count : waiting;
  }

  get exhausted(): boolean {
    return this.#next === this.#core.regs[TDT >>> 2];
  }

  /** Reads descriptors into `packet` until its last one, or until there are no more. False when memory fails. */
  fetch(packet: Packet, context: OffloadContext): boolean {
    const { regs, memory } = this.#core;
    const tail = regs[TDT >>> 2];
    const count = this.#count;
    const base = regs[TDBAL >>> 2] & ~0xf;
    if (tail >= count || !this.#core.reaches(base, regs[TDBAH >>> 2], count * SIZE, false)) return false;
    while (this.#next !== tail && !packet.complete) {
      const at = base + this.#next * SIZE;
      this.#next = this.#next + 1 === count ? 0 : this.#next + 1;
      const command = memory.view.getInt32(at + 8, true);
      if ((command & TXD_DEXT) !== 0 && ((command >>> TXD_DTYP_SHIFT) & 0xf) !== TXD_DTYP_DATA)
        context.read(memory, at);
      else if (!this.#readData(packet, at, command)) return false;
    }
    return true;
  }

  /** Tells the driver which descriptors are done with. Returns whether one of them asked for it. */
  writeBack(first: number): boolean {
    const { regs, memory } = this.#core;
    const base = regs[TDBAL >>> 2] & ~0xf;
    const count = this.#count;
    let reported = false;
    for (let i = first; i !== this.#next; i = i + 1 === count ? 0 : i + 1) {
      const at = base + i * SIZE;
      if ((memory.view.getInt32(at + 8, true) & TXD_RS) === 0) continue;
      memory.u8[at + 12] |= TXD_STAT_DD;
      reported = true;
    }
    regs[TDH >>> 2] = this.#next;
    return reported;
  }

  #readData(packet: Packet, at: number, command: number): boolean {
    const { view } = this.#core.memory;
    const options = view.getInt32(at + 12, true);
    const legacy = (command & TXD_DEXT) === 0;
    const length = command & (legacy ? 0xffff : 0xf_ffff);
    const address = view.getInt32(at, true);
    if (length > 0 && !this.#core.reaches(address, view.getInt32(at + 4, true), length, false)) return false;
    if (packet.pieces === 0) {
      packet.legacy = legacy;
      packet.firstCommand = command;
      packet.options = options;
      packet.cso = (command >>> 16) & 0xff;
      packet.css = (options >>> 8) & 0xff;
    }
    packet.add(address, length);
    packet.command = command;
    packet.vlanTag = options >>> 16;
    packet.complete = (command & TXD_EOP) !== 0;
    return true;
  }
}
