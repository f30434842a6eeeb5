import { PCI_COMMAND_MASTER, PCI_COMMAND_MEMORY, type BusPort, type DmaMemory } from '@stack/pci';
import { Frame, type CablePort, type FrameReceiver } from '@stack/cable';
import { VirtualClock } from '@stack/clock';
import { eepromImage, Nic82540em } from '@stack/nic-82540em';
import * as reg from '../src/registers.ts';
import { CTRL_SLU, RCTL_BAM, RCTL_EN, RCTL_SECRC, TCTL_EN, TCTL_PSP, TXD_EOP, TXD_IFCS, TXD_RS } from '../src/bits.ts';

export const MAC = Uint8Array.of(0x02, 0x10, 0x20, 0x30, 0x40, 0x50);

/** One end of no cable: keeps what is sent. */
export class StubPort implements CablePort {
  readonly name = 'stub';
  rate = 0;
  up = true;
  nextFree = 0;
  /** Frames sent, copied. */
  readonly sent: Uint8Array[] = [];
  /** Whether their FCS was right. */
  readonly good: boolean[] = [];
  receiver: FrameReceiver | null = null;
  /** Called for each frame sent. */
  onSend: ((frame: Frame) => void) | null = null;

  plug(receiver: FrameReceiver): () => void {
    this.receiver = receiver;
    return () => {
      this.receiver = null;
    };
  }

  send(frame: Frame): void {
    const bytes = new Uint8Array(frame.length);
    frame.copyTo(bytes, 0);
    this.sent.push(bytes);
    this.good.push(!frame.corrupt);
    this.onSend?.(frame);
  }

  /** A frame arrives. */
  deliver(bytes: Uint8Array, corrupt = false): void {
    const frame = new Frame(bytes, 1);
    frame.add(0, bytes.length);
    frame.corrupt = corrupt;
    this.receiver?.receive(frame);
  }
}

/** Somebody else's bus: plain memory, and an interrupt line that is only looked at. */
export class TestBus implements BusPort {
  readonly memory: DmaMemory;
  interrupted = false;
  messages: [number, number][] = [];
  readonly #shared: boolean;

  /** With `shared`, the chip may use the end of memory for itself. */
  constructor(memory: DmaMemory, shared: boolean) {
    this.memory = memory;
    this.#shared = shared;
  }

  reachable(dma: number, length: number): boolean {
    return dma + length <= this.memory.u8.length;
  }

  raiseInterrupt(): void {
    this.interrupted = true;
  }

  lowerInterrupt(): void {
    this.interrupted = false;
  }

  message(address: number, data: number): void {
    this.messages.push([address, data]);
  }

  reserve(bytes: number): number {
    return this.#shared ? this.memory.u8.length - bytes : 0;
  }

  unreserve(): void {}
}

const TX_RING = 0x1000;
const RX_RING = 0x3000;
const RX_BUFFERS = 0x1_0000;

/** What a descriptor of the receive ring says. */
export interface Received {
  bytes: Uint8Array;
  status: number;
  errors: number;
  checksum: number;
  special: number;
  length: number;
}

/** A driver of a few lines, over MMIO. */
export class TinyDriver {
  readonly chip: Nic82540em;
  readonly bus: TestBus;
  readonly unplug: () => void;
  bufferSize = 2048;
  #txTail = 0;
  #rxHead = 0;
  #rxCount = 0;
  #txCount = 0;

  constructor(clock: VirtualClock, port: CablePort, memory: DmaMemory, shared = true, mac = MAC) {
    this.bus = new TestBus(memory, shared);
    this.chip = new Nic82540em({ clock, port, eeprom: eepromImage(mac) });
    this.unplug = this.chip.plugIn(this.bus);
    this.chip.configWrite(4, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    this.write(reg.CTRL, CTRL_SLU);
  }

  read(offset: number): number {
    return this.chip.barRead(0, offset, 4);
  }

  write(offset: number, value: number): void {
    this.chip.barWrite(0, offset, 4, value);
  }

  startTransmit(count = 64): void {
    this.#txCount = count;
    this.#txTail = 0;
    this.write(reg.TDBAL, TX_RING);
    this.write(reg.TDLEN, count * 16);
    this.write(reg.TDH, 0);
    this.write(reg.TDT, 0);
    this.write(reg.TCTL, TCTL_EN | TCTL_PSP);
  }

  startReceive(count = 64, filled = count - 1, control = RCTL_BAM | RCTL_SECRC): void {
    this.#rxCount = count;
    this.#rxHead = 0;
    for (let i = 0; i < count; i++) this.#freshDescriptor(i);
    this.write(reg.RDBAL, RX_RING);
    this.write(reg.RDLEN, count * 16);
    this.write(reg.RDH, 0);
    this.write(reg.RCTL, RCTL_EN | control);
    this.write(reg.RDT, filled);
  }

  /** Gives the chip everything up to the descriptor in front of the next one to read. */
  refill(): void {
    this.write(reg.RDT, (this.#rxHead + this.#rxCount - 1) % this.#rxCount);
  }

  put(address: number, bytes: Uint8Array): void {
    this.bus.memory.u8.set(bytes, address);
  }

  /** A descriptor of two 64-bit halves, given as 32-bit words; returns its index. The tail is left. */
  descriptor(w0: number, w1: number, w2: number, w3: number): number {
    const index = this.#txTail;
    const at = TX_RING + index * 16;
    [w0, w1, w2, w3].forEach((word, i) => this.bus.memory.view.setInt32(at + 4 * i, word, true));
    this.#txTail = (index + 1) % this.#txCount;
    return index;
  }

  commit(): void {
    this.write(reg.TDT, this.#txTail);
  }

  /** Sends a frame from `address` by one legacy descriptor. */
  sendLegacy(bytes: Uint8Array, command = TXD_EOP | TXD_IFCS | TXD_RS, upper = 0, address = 0x8000): number {
    this.put(address, bytes);
    const index = this.descriptor(address, 0, command | bytes.length, upper);
    this.commit();
    return index;
  }

  descriptorDone(index: number): boolean {
    return (this.bus.memory.u8[TX_RING + index * 16 + 12] & 1) !== 0;
  }

  /** The next filled descriptor, if there is one. */
  receive(): Received | null {
    const { u8, view } = this.bus.memory;
    const at = RX_RING + this.#rxHead * 16;
    if ((u8[at + 12] & 1) === 0) return null;
    const length = view.getUint16(at + 8, true);
    const buffer = RX_BUFFERS + this.#rxHead * this.bufferSize;
    const received = {
      bytes: u8.slice(buffer, buffer + length),
      status: u8[at + 12],
      errors: u8[at + 13],
      checksum: view.getUint16(at + 10, true),
      special: view.getUint16(at + 14, true),
      length,
    };
    this.#freshDescriptor(this.#rxHead);
    this.#rxHead = (this.#rxHead + 1) % this.#rxCount;
    return received;
  }

  #freshDescriptor(index: number): void {
    const { view } = this.bus.memory;
    const at = RX_RING + index * 16;
    [RX_BUFFERS + index * this.bufferSize, 0, 0, 0].forEach((word, i) => view.setInt32(at + 4 * i, word, true));
  }
}
