import type { Frame } from '@stack/cable';
import { Timer, type Task } from '@stack/clock';
import type { BusPort } from '@stack/pci';
import {
  CTRL_VME,
  ICR_TXDW,
  ICR_TXD_LOW,
  ICR_TXQE,
  TCTL_EN,
  TCTL_PSP,
  TXD_IDE,
  TXD_IFCS,
  TXD_TSE,
  TXD_VLE,
} from '../bits.ts';
import type { Core } from '../core.ts';
import { frameCheckSequence } from '../crc32.ts';
import { DelayedInterrupt } from '../delayed-interrupt.ts';
import type { FlowControl } from '../flow-control.ts';
import { CTRL, TADV, TCTL, TIDV, TXDCTL } from '../registers.ts';
import { BROADCAST, MULTICAST, TSCTC, TSCTFC, UNICAST, type AddressKind } from '../statistics.ts';
import { OffloadContext } from './context.ts';
import { TransmitRing } from './descriptors.ts';
import { Gather } from './gather.ts';
import { Packet } from './packet.ts';
import { Segmentation } from './segmentation.ts';
import { wholeFrame } from './whole-frame.ts';

/** Frames in one task: then it is the other chip's turn. */
const BUDGET = 128;
const FCS = 4;

/** Reads descriptors and sends frames, in tasks of the clock. Manual 3.3 to 3.5. */
export class Transmitter implements Task {
  readonly ring: TransmitRing;
  readonly #delayed: DelayedInterrupt;
  readonly #core: Core;
  readonly #flow: FlowControl;
  readonly #loop: (frame: Frame) => void;
  readonly #context = new OffloadContext();
  readonly #packet = new Packet();
  readonly #segmentation: Segmentation;
  readonly #wireFree: Timer;
  #gather: Gather | null = null;
  #posted = false;
  #segmenting = false;

  /** `loop` takes the frames in loopback mode. */
  constructor(core: Core, flow: FlowControl, loop: (frame: Frame) => void) {
    this.#core = core;
    this.#flow = flow;
    this.#loop = loop;
    this.ring = new TransmitRing(core);
    this.#segmentation = new Segmentation(core);
    this.#delayed = new DelayedInterrupt(core.clock, () => core.interrupts.raise(ICR_TXDW));
    this.#wireFree = new Timer(core.clock, { run: () => this.kick() });
  }

  connect(bus: BusPort | null): void {
    this.reset();
    this.#gather?.close();
    this.#gather = bus === null ? null : new Gather(bus);
  }

  reset(): void {
    this.#wireFree.cancel();
    this.#delayed.cancel();
    this.#segmenting = false;
    this.#packet.clear(0);
    this.ring.rewind();
  }

  /** The driver set TDH: what was read ahead is void. */
  headWritten(): void {
    this.reset();
  }

  /** TIDV.FPD: an interrupt that waits comes now. */
  flushInterrupt(): void {
    this.#delayed.flush();
  }

  /** Something may be ready to send. */
  kick(): void {
    if (this.#posted) return;
    this.#posted = true;
    this.#core.clock.post(this);
  }

  run(): void {
    this.#posted = false;
    for (let budget = BUDGET; this.#mayTransmit(); budget--) {
      if (!this.#segmenting && !this.#nextPacket()) return;
      if (budget === 0) return this.kick();
      this.#sendFrame();
    }
  }

  #mayTransmit(): boolean {
    const { regs, port, clock, linkUp, loopback, mayDma } = this.#core;
    if ((regs[TCTL >>> 2] & TCTL_EN) === 0 || !mayDma || this.#flow.paused) return false;
    if (loopback) return true;
    if (!linkUp) return false;
    if (port.rate === 0) return true;
    const free = port.nextFree;
    if (free <= clock.now()) return true;
    if (this.#segmenting || this.#packet.complete || !this.ring.exhausted) this.#wireFree.set(free);
    return false;
  }

  /** Gathers the next packet. False when there is none, or not all of it, or when memory fails. */
  #nextPacket(): boolean {
    const packet = this.#packet;
    const { ring } = this;
    while (!packet.complete || packet.length === 0) {
      if (ring.exhausted) return false;
      if (packet.complete) this.#finishPacket();
      if (packet.pieces === 0) packet.clear(ring.nextToRead);
      if (!ring.fetch(packet, this.#context)) {
        this.reset();
        return false;
      }
    }
    this.#beginSegmenting();
    return true;
  }

  #beginSegmenting(): void {
    const packet = this.#packet;
    if (packet.legacy || (packet.firstCommand & TXD_TSE) === 0) return;
    this.#segmenting = this.#segmentation.begin(packet, this.#context, this.#gather!, this.#tagged);
    this.#core.statistics.count(this.#segmenting ? TSCTC : TSCTFC);
  }

  #sendFrame(): void {
    const core = this.#core;
    const gather = this.#gather!;
    const packet = this.#packet;
    if (this.#segmenting) this.#segmentation.next();
    else wholeFrame(core, gather, packet, this.#context, this.#tagged);
    if ((packet.command & TXD_IFCS) === 0) checkSoftwareFcs(gather.frame);
    else if ((core.regs[TCTL >>> 2] & TCTL_PSP) !== 0) gather.pad();
    this.#emit(gather.frame);
    if (this.#segmenting && !this.#segmentation.done) return;
    this.#segmenting = false;
    this.#finishPacket();
  }

  get #tagged(): boolean {
    return (this.#core.regs[CTRL >>> 2] & CTRL_VME) !== 0 && (this.#packet.command & TXD_VLE) !== 0;
  }

  #emit(frame: Frame): void {
    const { statistics, port, loopback } = this.#core;
    statistics.transmitted(frame.length, addressKind(frame));
    if (loopback) this.#loop(frame);
    else port.send(frame);
  }

  #finishPacket(): void {
    const { regs, interrupts } = this.#core;
    const packet = this.#packet;
    const reported = this.ring.writeBack(packet.first);
    packet.clear(this.ring.nextToRead);
    const delay = regs[TIDV >>> 2] & 0xffff;
    let causes = 0;
    if (reported && (packet.command & TXD_IDE) !== 0 && delay !== 0)
      this.#delayed.request(delay, regs[TADV >>> 2] & 0xffff);
    else if (reported) causes = ICR_TXDW;
    const low = (regs[TXDCTL >>> 2] >>> 25) * 8;
    const { waiting } = this.ring;
    if (waiting === 0) causes |= ICR_TXQE;
    if (low !== 0 && waiting <= low) causes |= ICR_TXD_LOW;
    if (causes !== 0) interrupts.raise(causes);
  }
}

/** Without IFCS the last four bytes are the check sequence that the driver made: receivers judge it. */
function checkSoftwareFcs(frame: Frame): void {
  const length = frame.length - FCS;
  if (length <= 0) return;
  let fcs = 0;
  for (let i = FCS - 1; i >= 0; i--) fcs = (fcs << 8) | frame.byteAt(length + i);
  frame.corrupt = fcs !== frameCheckSequence(frame, length);
  frame.length = length;
  let left = length;
  for (let piece = 0; piece < frame.pieces; piece++) {
    if (left <= frame.lengths[piece]) {
      frame.lengths[piece] = left;
      frame.pieces = piece + 1;
    }
    left -= frame.lengths[piece];
  }
}

function addressKind(frame: Frame): AddressKind {
  if ((frame.memory[frame.addresses[0]] & 1) === 0) return UNICAST;
  for (let i = 0; i < 6; i++) if (frame.byteAt(i) !== 0xff) return MULTICAST;
  return BROADCAST;
}
