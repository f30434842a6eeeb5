import {
  PCI_CAP_ID_MSIX,
  PCI_MSIX_ENTRY_CTRL_MASKBIT,
  PCI_MSIX_ENTRY_DATA,
  PCI_MSIX_ENTRY_LOWER_ADDR,
  PCI_MSIX_ENTRY_SIZE,
  PCI_MSIX_ENTRY_VECTOR_CTRL,
  PCI_MSIX_FLAGS,
  PCI_MSIX_FLAGS_ENABLE,
  PCI_MSIX_FLAGS_MASKALL,
} from './config-registers.ts';
import type { ConfigSpace } from './config-space.ts';
import type { BusPort } from './function.ts';

/** The table of message interrupts in a BAR of a chip, with its masks and pending bits. All accesses are of 32 bits. */
export class MsixTable {
  readonly vectors: number;
  readonly #config: ConfigSpace;
  readonly #entries: Int32Array;
  readonly #pending: Int32Array;
  #bus: BusPort | null = null;

  constructor(config: ConfigSpace, vectors: number) {
    this.vectors = vectors;
    this.#config = config;
    this.#entries = new Int32Array((vectors * PCI_MSIX_ENTRY_SIZE) / 4);
    this.#pending = new Int32Array(Math.ceil(vectors / 32));
    this.reset();
  }

  connect(bus: BusPort | null): void {
    this.#bus = bus;
  }

  /** All vectors masked. */
  reset(): void {
    this.#pending.fill(0);
    for (let vector = 0; vector < this.vectors; vector++)
      this.#entries[word(vector, PCI_MSIX_ENTRY_VECTOR_CTRL)] = PCI_MSIX_ENTRY_CTRL_MASKBIT;
  }

  read(offset: number): number {
    return this.#entries[offset >>> 2];
  }

  write(offset: number, value: number): void {
    this.#entries[offset >>> 2] = value;
    this.update();
  }

  readPending(offset: number): number {
    return this.#pending[offset >>> 2];
  }

  /** The chip wants to interrupt by this vector. While it is masked, that is remembered, once. */
  fire(vector: number): void {
    this.#pending[vector >>> 5] |= 1 << (vector & 31);
    this.update();
  }

  /** Sends what is pending and allowed; to be called when the capability was written, too. */
  update(): void {
    const flags = this.#config.read(this.#config.capability(PCI_CAP_ID_MSIX) + PCI_MSIX_FLAGS, 2);
    if ((flags & PCI_MSIX_FLAGS_ENABLE) === 0 || (flags & PCI_MSIX_FLAGS_MASKALL) !== 0) return;
    for (let vector = 0; vector < this.vectors; vector++) {
      const bit = 1 << (vector & 31);
      if ((this.#pending[vector >>> 5] & bit) === 0) continue;
      if ((this.#entries[word(vector, PCI_MSIX_ENTRY_VECTOR_CTRL)] & PCI_MSIX_ENTRY_CTRL_MASKBIT) !== 0) continue;
      this.#pending[vector >>> 5] &= ~bit;
      const address = this.#entries[word(vector, PCI_MSIX_ENTRY_LOWER_ADDR)];
      this.#bus?.message(address, this.#entries[word(vector, PCI_MSIX_ENTRY_DATA)]);
    }
  }
}

function word(vector: number, field: number): number {
  return (vector * PCI_MSIX_ENTRY_SIZE + field) / 4;
}
