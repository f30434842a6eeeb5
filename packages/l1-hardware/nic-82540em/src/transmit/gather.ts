import { Frame } from '@stack/cable';
import { dmaMemory, type BusPort, type DmaMemory } from '@stack/pci';

/** Scratch memory: the headers of the frame to send, then zeros to pad with. */
const ZEROS = 512;
const MINIMUM = 60;
const SHARED_BYTES = 1024;
/** When the payload is copied as well. */
const OWN_BYTES = 512 + 16_384 + 512;
const MAX_PIECES = 4098;

/**
 * Puts a frame together: headers that the chip has changed, and payload where the driver left it. If the bus has no
 * memory for us, the payload is copied behind the headers.
 */
export class Gather {
  readonly frame: Frame;
  /** Where headers are worked on. */
  readonly scratch: DmaMemory;
  readonly header: number;
  readonly #bus: BusPort;
  readonly #memory: DmaMemory;
  readonly #block: number;
  /** End of what was copied. */
  #end = 0;

  constructor(bus: BusPort) {
    this.#bus = bus;
    this.#memory = bus.memory;
    this.#block = bus.reserve(SHARED_BYTES);
    this.scratch = this.#block !== 0 ? bus.memory : dmaMemory(new Uint8Array(OWN_BYTES));
    this.header = this.#block;
    if (this.#block !== 0) this.scratch.u8.fill(0, this.#block + ZEROS, this.#block + ZEROS + MINIMUM);
    this.frame = new Frame(this.scratch.u8, MAX_PIECES);
  }

  close(): void {
    if (this.#block !== 0) this.#bus.unreserve(this.#block);
  }

  /** Begins a frame with `length` bytes of {@link header}. */
  begin(length: number): void {
    this.frame.clear();
    this.#end = this.header;
    if (length > 0) this.#addScratch(this.header, length);
  }

  /** Adds bytes of the driver's memory. */
  add(address: number, length: number): void {
    if (this.#block !== 0) {
      this.frame.add(address, length);
      return;
    }
    this.scratch.u8.set(this.#memory.u8.subarray(address, address + length), this.#end);
    this.#addScratch(this.#end, length);
  }

  /** To the least that may be on the wire. */
  pad(): void {
    const missing = MINIMUM - this.frame.length;
    if (missing <= 0) return;
    if (this.#block !== 0) {
      this.frame.add(this.#block + ZEROS, missing);
      return;
    }
    this.scratch.u8.fill(0, this.#end, this.#end + missing);
    this.#addScratch(this.#end, missing);
  }

  #addScratch(address: number, length: number): void {
    this.frame.add(address, length);
    this.#end = address + length;
  }
}
