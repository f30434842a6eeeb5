import { ConfigSpace, InterruptPin, pmCapability, type AccessSize, type BusPort, type PciFunction } from '@stack/pci';
import type { Undo } from '@stack/plugin';
import * as bits from '../src/bits.ts';
import { DESC_SIZE, RXD_STAT_DD, RXD_STAT_EOP, TXD_CMD_EOP, TXD_CMD_RS, TXD_STAT_DD } from '../src/descriptors.ts';
import * as reg from '../src/registers.ts';

export interface Received {
  /** Beside DD and EOP. */
  status?: number;
  /** As in the descriptor: one byte. */
  errors?: number;
  tag?: number;
  /** False when the frame goes on. */
  last?: boolean;
}

/** Registers, rings and an interrupt, moved by the test: it sends and receives nothing by itself. */
export class FakeChip implements PciFunction {
  readonly name = 'fake';
  readonly regs = new Int32Array(0x8000);
  readonly eeprom = new Uint16Array(64);
  readonly phy = new Uint16Array(32);
  /** Every write of a register, in order. */
  readonly writes: [register: number, value: number][] = [];
  bus!: BusPort;
  /** A transceiver that does not answer. */
  deaf = false;
  /** The status register shows it once more. */
  #linkLost = false;
  #causes = 0;
  #mask = 0;
  readonly #config = new ConfigSpace({
    ...{ vendor: 0x8086, device: 0x100e, subsystemVendor: 0x8086, subsystemDevice: 0x001e, revision: 2 },
    ...{ classCode: 0x020000, interruptPin: 1, minGrant: 255, maxLatency: 0 },
    bars: [{ space: 'memory', size: 0x20000 }],
    capabilities: [pmCapability(0xdc)],
  });
  readonly #pin = new InterruptPin(this.#config);

  constructor(mac = [2, 0, 0, 0, 0, 1], pauseWord = 0x3000) {
    for (let i = 0; i < 3; i++) this.eeprom[i] = mac[2 * i] | (mac[2 * i + 1] << 8);
    this.eeprom[0x0f] = pauseWord;
    this.eeprom[0x3f] = 0xbaba - this.eeprom.reduce((sum, word) => sum + word, 0);
    this.phy.set([0x1140, 0x796d, 0x0141, 0x0c20, 0x0de1, 0x4de1]);
  }

  plugIn(bus: BusPort): Undo {
    this.bus = bus;
    this.#pin.connect(bus);
    return () => this.#pin.connect(null);
  }

  reset(): void {
    this.#config.reset();
    this.#resetMac();
  }

  configRead(offset: number, size: AccessSize): number {
    return this.#config.read(offset, size);
  }

  configWrite(offset: number, size: AccessSize, value: number): void {
    this.#config.write(offset, size, value);
    this.#pin.configure();
  }

  get command(): number {
    return this.#config.command;
  }

  get powerState(): number {
    return this.#config.read(0xdc + 4, 1) & 3;
  }

  get mask(): number {
    return this.#mask;
  }

  barRead(_bar: number, offset: number): number {
    const value = offset === reg.ICR ? this.#causes : this.regs[offset >>> 2];
    if (offset === reg.ICR) this.#setCauses(0);
    if (offset >= reg.STATISTICS && offset < reg.STATISTICS_END) this.regs[offset >>> 2] = 0;
    return value;
  }

  barWrite(_bar: number, offset: number, _size: AccessSize, value: number): void {
    this.writes.push([offset, value]);
    this.regs[offset >>> 2] = value;
    if (offset === reg.CTRL && (value & bits.CTRL_RST) !== 0) this.#resetMac();
    if (offset === reg.EERD) this.regs[offset >>> 2] = bits.EERD_DONE | (this.eeprom[(value >>> 8) & 0x3f] << 16);
    if (offset === reg.MDIC) this.regs[offset >>> 2] = this.#mdic(value);
    if (offset === reg.ICS) this.interrupt(value);
    if (offset === reg.IMS) this.#setMask(this.#mask | value);
    if (offset === reg.IMC) this.#setMask(this.#mask & ~value);
  }

  /** All values written to a register. */
  written(register: number): number[] {
    return this.writes.filter(([to]) => to === register).map(([, value]) => value);
  }

  interrupt(causes: number): void {
    this.#setCauses(this.#causes | causes);
  }

  link(up: boolean): void {
    if (!up) this.#linkLost = true;
    this.phy[1] = up ? 0x796d : 0x7949;
    this.interrupt(bits.ICR_LSC);
  }

  /** The words of the transmit descriptors that the driver handed over, and the chip has not reported. */
  pending(): number[][] {
    const found: number[][] = [];
    for (let i = this.regs[reg.TDH >>> 2]; i !== this.regs[reg.TDT >>> 2]; i = this.#after(i, reg.TDLEN)) {
      found.push([0, 4, 8, 12].map((word) => this.#view.getInt32(this.#at(reg.TDBAL, i) + word, true)));
    }
    return found;
  }

  /** The bytes of everything pending, as the chip would read them. */
  pendingBytes(): Uint8Array {
    const pieces = this.pending().filter(([, , lower]) => (lower >>> 20) % 16 === 1 || (lower & (1 << 29)) === 0);
    const read = ([address, , lower]: number[]): number[] => {
      if (!this.bus.reachable(address, lower & 0xfffff & 0xffff, false)) throw new Error('not mapped');
      return [...this.bus.memory.u8.subarray(address, address + (lower & 0xffff))];
    };
    return Uint8Array.from(pieces.flatMap(read));
  }

  /** Reports up to `packets` as sent, and interrupts. */
  complete(packets = Infinity): void {
    let left = packets;
    let head = this.regs[reg.TDH >>> 2];
    while (head !== this.regs[reg.TDT >>> 2] && left > 0) {
      const at = this.#at(reg.TDBAL, head);
      const lower = this.#view.getInt32(at + 8, true);
      if ((lower & TXD_CMD_RS) !== 0)
        this.#view.setInt32(at + 12, this.#view.getInt32(at + 12, true) | TXD_STAT_DD, true);
      if ((lower & TXD_CMD_RS) !== 0 && (lower & TXD_CMD_EOP) !== 0) left--;
      head = this.#after(head, reg.TDLEN);
    }
    this.regs[reg.TDH >>> 2] = head;
    this.interrupt(bits.ICR_TXDW);
  }

  /** Descriptors that wait for frames. */
  get room(): number {
    const count = this.regs[reg.RDLEN >>> 2] / DESC_SIZE;
    return (this.regs[reg.RDT >>> 2] - this.regs[reg.RDH >>> 2] + count) % count;
  }

  /** Writes bytes behind the next receive descriptor, and interrupts. */
  receive(bytes: Uint8Array, how: Received = {}): void {
    if (this.room === 0) throw new Error('no descriptors');
    const head = this.regs[reg.RDH >>> 2];
    const at = this.#at(reg.RDBAL, head);
    const buffer = this.#view.getInt32(at, true);
    if (!this.bus.reachable(buffer, bytes.length, true)) throw new Error('not mapped');
    this.bus.memory.u8.set(bytes, buffer);
    const status = (how.status ?? 0) | RXD_STAT_DD | (how.last === false ? 0 : RXD_STAT_EOP);
    this.#view.setInt32(at + 8, bytes.length, true);
    this.#view.setInt32(at + 12, status | ((how.errors ?? 0) << 8) | ((how.tag ?? 0) << 16), true);
    this.regs[reg.RDH >>> 2] = this.#after(head, reg.RDLEN);
    this.interrupt(bits.ICR_RXT0);
  }

  get #view(): DataView {
    return this.bus.memory.view;
  }

  #at(base: number, index: number): number {
    return this.regs[base >>> 2] + index * DESC_SIZE;
  }

  #after(index: number, length: number): number {
    return (index + 1) % (this.regs[length >>> 2] / DESC_SIZE);
  }

  #mdic(value: number): number {
    const register = (value >>> bits.MDIC_REG_SHIFT) & 31;
    if (this.deaf) return value | bits.MDIC_READY | bits.MDIC_ERROR;
    if ((value & bits.MDIC_OP_WRITE) !== 0) this.phy[register] = value;
    let data = this.phy[register];
    if (register === 1 && this.#linkLost) {
      data &= ~4;
      this.#linkLost = false;
    }
    return (value & ~0xffff) | data | bits.MDIC_READY;
  }

  #resetMac(): void {
    const divided = this.regs[reg.PBA >>> 2];
    this.regs.fill(0);
    this.regs[reg.PBA >>> 2] = divided;
    this.regs[reg.STATUS >>> 2] = bits.STATUS_FD | (2 << 6);
    this.#setMask(0);
    this.#setCauses(0);
  }

  #setCauses(causes: number): void {
    this.#causes = causes;
    this.#update();
  }

  #setMask(mask: number): void {
    this.#mask = mask;
    this.#update();
  }

  #update(): void {
    if ((this.#causes & this.#mask) !== 0) this.#pin.raise();
    else this.#pin.lower();
  }
}
