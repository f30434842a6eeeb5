import { Frame } from '@stack/cable';
import { Timer, type Nanoseconds } from '@stack/clock';
import { CTRL_RFCE, CTRL_TFCE, FCRTL_XONE, RCTL_DPF, RCTL_PMCF, STATUS_TXOFF } from './bits.ts';
import type { Core } from './core.ts';
import { CTRL, FCAH, FCAL, FCRTH, FCRTL, FCT, FCTTV, RA, RCTL, STATUS } from './registers.ts';
import { FCRUC, XOFFRXC, XOFFTXC, XONRXC, XONTXC } from './statistics.ts';

/** A pause is counted in times of 512 bits, at 1000 Mb/s. IEEE 802.3 annex 31B */
const QUANTUM: Nanoseconds = 512;
const PAUSE_OPCODE = 0x0001;
const LENGTH = 60;
const THRESHOLD = 0xfff8;

/** 802.3x: tells the other end to pause when the receive FIFO fills up, and pauses when told. Manual 9. */
export class FlowControl {
  readonly #core: Core;
  readonly #bytes = new DataView(new ArrayBuffer(LENGTH));
  readonly #pause = new Frame(new Uint8Array(this.#bytes.buffer), 1);
  readonly #resumed: () => void;
  readonly #timer: Timer;
  /** Transmission waits. */
  paused = false;
  /** The other end was told to pause, and when that has to be told again. */
  #xoffSent = false;
  #repeatAt: Nanoseconds = 0;

  /** `resumed` is called when transmission may go on. */
  constructor(core: Core, resumed: () => void) {
    this.#core = core;
    this.#resumed = resumed;
    this.#timer = new Timer(core.clock, { run: () => this.#resume() });
  }

  /**
   * A frame arrived whose first 18 bytes lie at `at` of `bytes`. True when it is a MAC control frame that the host
   * does not get.
   */
  consumes(bytes: Uint8Array, at: number): boolean {
    const { regs, statistics } = this.#core;
    const type = (bytes[at + 12] << 8) | bytes[at + 13];
    if (type !== (regs[FCT >>> 2] & 0xffff) || !this.#toUs(bytes, at)) return false;
    if (((bytes[at + 14] << 8) | bytes[at + 15]) !== PAUSE_OPCODE) {
      statistics.count(FCRUC);
    } else if ((regs[CTRL >>> 2] & CTRL_RFCE) !== 0) {
      const quanta = (bytes[at + 16] << 8) | bytes[at + 17];
      statistics.count(quanta === 0 ? XONRXC : XOFFRXC);
      this.#honour(quanta);
    }
    return (regs[RCTL >>> 2] & RCTL_PMCF) === 0;
  }

  /** The receive FIFO holds this many bytes now. */
  occupied(bytes: number): void {
    const { regs, clock } = this.#core;
    if ((regs[CTRL >>> 2] & CTRL_TFCE) === 0) return;
    if (bytes > (regs[FCRTH >>> 2] & THRESHOLD)) {
      if (this.#xoffSent && clock.now() < this.#repeatAt) return;
      this.#sendXoff();
    } else if (this.#xoffSent && bytes <= (regs[FCRTL >>> 2] & THRESHOLD)) {
      this.#xoffSent = false;
      if ((regs[FCRTL >>> 2] & FCRTL_XONE) !== 0) this.#send(0, XONTXC);
    }
  }

  reset(): void {
    this.#timer.cancel();
    this.#setPaused(false);
    this.#xoffSent = false;
  }

  #sendXoff(): void {
    const { regs, clock } = this.#core;
    const quanta = regs[FCTTV >>> 2] & 0xffff;
    if (quanta === 0) return;
    this.#xoffSent = true;
    this.#repeatAt = clock.now() + (quanta >>> 1) * QUANTUM;
    this.#send(quanta, XOFFTXC);
  }

  #honour(quanta: number): void {
    if (quanta === 0) return this.#resume();
    this.#setPaused(true);
    this.#timer.setIn(quanta * QUANTUM);
  }

  #resume(): void {
    this.#timer.cancel();
    this.#setPaused(false);
    this.#resumed();
  }

  #setPaused(paused: boolean): void {
    this.paused = paused;
    const { regs } = this.#core;
    if (paused) regs[STATUS >>> 2] |= STATUS_TXOFF;
    else regs[STATUS >>> 2] &= ~STATUS_TXOFF;
  }

  /** To the address of FCAL and FCAH, or to the station's own unless that is turned off. */
  #toUs(bytes: Uint8Array, at: number): boolean {
    const { regs } = this.#core;
    if (isAddress(bytes, at, regs[FCAL >>> 2], regs[FCAH >>> 2])) return true;
    return (regs[RCTL >>> 2] & RCTL_DPF) === 0 && isAddress(bytes, at, regs[RA >>> 2], regs[(RA >>> 2) + 1]);
  }

  /** At once, whatever the transmit ring holds: an overrun would not wait either. */
  #send(quanta: number, counter: number): void {
    const { regs, port, statistics } = this.#core;
    const frame = this.#pause;
    const view = this.#bytes;
    view.setInt32(0, regs[FCAL >>> 2], true);
    view.setUint16(4, regs[FCAH >>> 2], true);
    view.setInt32(6, regs[RA >>> 2], true);
    view.setUint16(10, regs[(RA >>> 2) + 1], true);
    view.setUint16(12, regs[FCT >>> 2]);
    view.setUint16(14, PAUSE_OPCODE);
    view.setUint16(16, quanta);
    frame.clear();
    frame.add(0, LENGTH);
    statistics.count(counter);
    if (this.#core.linkUp) port.send(frame);
  }
}

/** Whether the six bytes at `at` are the address in a pair of registers. */
function isAddress(bytes: Uint8Array, at: number, low: number, high: number): boolean {
  const first = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
  return first === low && (bytes[at + 4] | (bytes[at + 5] << 8)) === (high & 0xffff);
}
