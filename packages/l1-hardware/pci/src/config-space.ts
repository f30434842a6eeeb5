import type { Capability } from './capabilities.ts';
import {
  PCI_BASE_ADDRESS_0,
  PCI_BASE_ADDRESS_SPACE_IO,
  PCI_CACHE_LINE_SIZE,
  PCI_CAPABILITY_LIST,
  PCI_CLASS_PROG,
  PCI_COMMAND,
  PCI_COMMAND_INTX_DISABLE,
  PCI_COMMAND_IO,
  PCI_COMMAND_MASTER,
  PCI_COMMAND_MEMORY,
  PCI_COMMAND_PARITY,
  PCI_COMMAND_SERR,
  PCI_DEVICE_ID,
  PCI_INTERRUPT_LINE,
  PCI_INTERRUPT_PIN,
  PCI_LATENCY_TIMER,
  PCI_MAX_LAT,
  PCI_MIN_GNT,
  PCI_REVISION_ID,
  PCI_STATUS,
  PCI_STATUS_CAP_LIST,
  PCI_STATUS_ERROR_BITS,
  PCI_STATUS_INTERRUPT,
  PCI_SUBSYSTEM_ID,
  PCI_SUBSYSTEM_VENDOR_ID,
  PCI_VENDOR_ID,
} from './config-registers.ts';
import type { AccessSize } from './function.ts';

/** A window into a device: `size` bytes, a power of two (at least 16 of memory, 4 of I/O). */
export interface BarSpec {
  readonly space: 'memory' | 'io';
  readonly size: number;
}

/** What is burnt into a device's configuration space. */
export interface ConfigHeader {
  readonly vendor: number;
  readonly device: number;
  readonly subsystemVendor: number;
  readonly subsystemDevice: number;
  readonly revision: number;
  /** 24 bits: base class, subclass, programming interface. */
  readonly classCode: number;
  /** By number, 0 to 5. */
  readonly bars: readonly (BarSpec | null)[];
  /** 0 for none, 1 to 4 for INTA# to INTD#. */
  readonly interruptPin: number;
  readonly minGrant: number;
  readonly maxLatency: number;
  readonly capabilities: readonly Capability[];
}

const COMMAND_BITS =
  PCI_COMMAND_IO |
  PCI_COMMAND_MEMORY |
  PCI_COMMAND_MASTER |
  PCI_COMMAND_PARITY |
  PCI_COMMAND_SERR |
  PCI_COMMAND_INTX_DISABLE;

/**
 * The 256 bytes of configuration space of a type 0 device, for chips to answer from. Which bits can be written, and
 * which are cleared by writing ones, is known for each byte; BARs answer the sizing protocol by that alone.
 */
export class ConfigSpace {
  readonly bytes = new Uint8Array(256);
  readonly #view = new DataView(this.bytes.buffer);
  readonly #writable = new Uint8Array(256);
  readonly #clearedByOne = new Uint8Array(256);
  readonly #capabilities = new Map<number, number>();
  readonly #header: ConfigHeader;

  constructor(header: ConfigHeader) {
    this.#header = header;
    this.reset();
  }

  /** As after power-on. */
  reset(): void {
    const header = this.#header;
    this.bytes.fill(0);
    this.set(PCI_VENDOR_ID, 2, header.vendor);
    this.set(PCI_DEVICE_ID, 2, header.device);
    this.set(PCI_SUBSYSTEM_VENDOR_ID, 2, header.subsystemVendor);
    this.set(PCI_SUBSYSTEM_ID, 2, header.subsystemDevice);
    this.bytes[PCI_REVISION_ID] = header.revision;
    this.set(PCI_CLASS_PROG, 2, header.classCode);
    this.bytes[PCI_CLASS_PROG + 2] = header.classCode >>> 16;
    this.bytes[PCI_INTERRUPT_PIN] = header.interruptPin;
    this.bytes[PCI_MIN_GNT] = header.minGrant;
    this.bytes[PCI_MAX_LAT] = header.maxLatency;
    this.#allow(PCI_COMMAND, 2, COMMAND_BITS);
    this.#clearedByOne[PCI_STATUS + 1] = PCI_STATUS_ERROR_BITS >>> 8;
    this.#writable[PCI_CACHE_LINE_SIZE] = this.#writable[PCI_LATENCY_TIMER] = 0xff;
    this.#writable[PCI_INTERRUPT_LINE] = 0xff;
    header.bars.forEach((bar, number) => this.#addBar(number, bar));
    this.#addCapabilities(header.capabilities);
  }

  read(offset: number, size: AccessSize): number {
    if (size === 1) return this.bytes[offset];
    return size === 2 ? this.#view.getUint16(offset & ~1, true) : this.#view.getInt32(offset & ~3, true);
  }

  /** A write over the bus: only what may be written changes. */
  write(offset: number, size: AccessSize, value: number): void {
    for (let i = 0; i < size; i++) {
      const at = offset + i;
      const byte = (value >>> (8 * i)) & 0xff;
      const writable = this.#writable[at];
      const kept = this.bytes[at] & ~(byte & this.#clearedByOne[at]);
      this.bytes[at] = (kept & ~writable) | (byte & writable);
    }
  }

  /** A write by the chip itself: everything changes. */
  set(offset: number, size: AccessSize, value: number): void {
    if (size === 1) this.bytes[offset] = value;
    else if (size === 2) this.#view.setUint16(offset, value, true);
    else this.#view.setInt32(offset, value, true);
  }

  get command(): number {
    return this.#view.getUint16(PCI_COMMAND, true);
  }

  /** Whether the function wants to interrupt, as its status register shows. */
  set interruptStatus(on: boolean) {
    if (on) this.bytes[PCI_STATUS] |= PCI_STATUS_INTERRUPT;
    else this.bytes[PCI_STATUS] &= ~PCI_STATUS_INTERRUPT;
  }

  /** Where the capability with this id begins, 0 when there is none. */
  capability(id: number): number {
    return this.#capabilities.get(id) ?? 0;
  }

  #allow(offset: number, size: AccessSize, bits: number): void {
    for (let i = 0; i < size; i++) this.#writable[offset + i] = (bits >>> (8 * i)) & 0xff;
  }

  #addBar(number: number, bar: BarSpec | null): void {
    if (bar === null) return;
    const at = PCI_BASE_ADDRESS_0 + 4 * number;
    this.#allow(at, 4, ~(bar.size - 1));
    if (bar.space === 'io') this.set(at, 4, PCI_BASE_ADDRESS_SPACE_IO);
  }

  #addCapabilities(capabilities: readonly Capability[]): void {
    let link = PCI_CAPABILITY_LIST;
    if (capabilities.length > 0) this.bytes[PCI_STATUS] |= PCI_STATUS_CAP_LIST;
    for (const { id, at, bytes, writable, clearedByOne } of capabilities) {
      this.bytes[link] = at;
      this.bytes[at] = id;
      this.bytes.set(bytes, at + 2);
      this.#writable.set(writable, at + 2);
      this.#clearedByOne.set(clearedByOne, at + 2);
      this.#capabilities.set(id, at);
      link = at + 1;
    }
  }
}
