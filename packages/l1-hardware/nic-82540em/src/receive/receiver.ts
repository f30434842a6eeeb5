import type { Frame } from '@stack/cable';
import type { Task } from '@stack/clock';
import { ICR_RXO, ICR_RXT0, ICR_SRPD, RCTL_EN, RCTL_LPE, RCTL_SBP } from '../bits.ts';
import type { Core } from '../core.ts';
import { DelayedInterrupt } from '../delayed-interrupt.ts';
import type { FlowControl } from '../flow-control.ts';
import { PBA, RADV, RCTL, RDTR, RSRPD } from '../registers.ts';
import { CRCERRS, MPC, RNBC, ROC } from '../statistics.ts';
import { ReceiveFifo } from './fifo.ts';
import { filterAddress, filterVlan, REJECTED } from './filter.ts';
import { FrameHeader } from './header.ts';
import { ReceiveRing } from './ring.ts';
import { Shaper } from './shape.ts';

/** Without FCS. */
const LONGEST = 1518;
const LONGEST_LPE = 16_384 - 4;

/** Takes frames from the wire: filters, FIFO, descriptors, interrupts. Manual 3.2. */
export class Receiver implements Task {
  readonly ring: ReceiveRing;
  readonly fifo = new ReceiveFifo();
  readonly #core: Core;
  readonly #flow: FlowControl;
  readonly #header = new FrameHeader();
  readonly #shaper: Shaper;
  readonly #delayed: DelayedInterrupt;
  #posted = false;

  constructor(core: Core, flow: FlowControl) {
    this.#core = core;
    this.#flow = flow;
    this.ring = new ReceiveRing(core);
    this.#shaper = new Shaper(core);
    this.#delayed = new DelayedInterrupt(core.clock, () => core.interrupts.raise(ICR_RXT0));
  }

  reset(): void {
    this.configure();
    this.#delayed.cancel();
    this.fifo.resize((this.#core.regs[PBA >>> 2] & 0xffff) * 1024);
  }

  /** Registers of the ring or RCTL were written. */
  configure(): void {
    this.ring.configure();
  }

  /** RDTR.FPD: an interrupt that waits comes now. */
  flushInterrupt(): void {
    this.#delayed.flush();
  }

  /** A frame arrived, from the wire or in loopback. */
  receive(frame: Frame): void {
    const { regs, statistics } = this.#core;
    const control = regs[RCTL >>> 2];
    if ((control & RCTL_EN) === 0) return;
    statistics.arrived(frame.length);
    if (frame.corrupt) {
      statistics.count(CRCERRS);
      if ((control & RCTL_SBP) === 0) return;
    }
    const header = this.#header;
    header.look(frame);
    if (frame.length > ((control & RCTL_LPE) === 0 ? LONGEST : LONGEST_LPE)) return statistics.count(ROC);
    if (this.#flow.consumes(header.bytes, header.at)) return;
    const match = filterAddress(regs, header);
    if (match === REJECTED || !filterVlan(regs, header)) return;
    if (!frame.corrupt) statistics.received(frame.length, header.kind);
    this.#accept(frame, match);
  }

  /** The driver gave more descriptors: frames that wait may go on, in a task of their own. */
  kick(): void {
    if (this.#posted || this.fifo.frames === 0) return;
    this.#posted = true;
    this.#core.clock.post(this);
  }

  run(): void {
    this.#posted = false;
    const { fifo } = this;
    while (fifo.frames > 0 && (this.#core.regs[RCTL >>> 2] & RCTL_EN) !== 0) {
      this.#header.look(fifo.frame);
      if (!this.#deliver(fifo.frame, fifo.match)) break;
      fifo.shift();
      this.#flow.occupied(fifo.bytes);
    }
  }

  /** Straight into memory, or into the FIFO if others wait there or memory has no room. */
  #accept(frame: Frame, match: number): void {
    const { statistics, interrupts } = this.#core;
    const { fifo } = this;
    if (fifo.frames === 0 && this.#deliver(frame, match)) return;
    if (fifo.push(frame, match)) {
      statistics.count(RNBC);
    } else {
      statistics.count(MPC);
      interrupts.raise(ICR_RXO);
    }
    this.#flow.occupied(fifo.bytes);
  }

  /** False when there are no descriptors for it. */
  #deliver(frame: Frame, match: number): boolean {
    if (!this.#core.mayDma) return false;
    const shaped = this.#shaper.shape(frame, this.#header);
    if (!this.ring.hasRoomFor(shaped.length)) return false;
    if (this.ring.store(shaped, match, this.#shaper.tag)) this.#interrupt(shaped.length);
    return true;
  }

  #interrupt(length: number): void {
    const { regs, interrupts } = this.#core;
    const delay = regs[RDTR >>> 2] & 0xffff;
    const small = length <= (regs[RSRPD >>> 2] & 0xfff);
    if (delay === 0) interrupts.raise(small ? ICR_RXT0 | ICR_SRPD : ICR_RXT0);
    else if (small) interrupts.raise(ICR_SRPD);
    if (delay !== 0) this.#delayed.request(delay, regs[RADV >>> 2] & 0xffff);
  }
}
