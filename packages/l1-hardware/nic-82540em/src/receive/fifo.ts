import { Frame } from '@stack/cable';

/** Each frame takes a header of 16 bytes, and is rounded up to 16. */
const UNIT = 16;
const LARGEST = 64 * 1024;

/** The receive part of the chip's packet buffer, where frames wait for descriptors. Manual 3.2.5. */
export class ReceiveFifo {
  /** The first frame, while there is one. */
  readonly frame: Frame;
  /** What the filter said of it. */
  match = 0;
  frames = 0;
  /** In use. */
  bytes = 0;
  readonly #memory = new Uint8Array(LARGEST);
  readonly #view = new DataView(this.#memory.buffer);
  #capacity = 0;
  #head = 0;
  #tail = 0;

  constructor() {
    this.frame = new Frame(this.#memory, 2);
  }

  /** Forgets everything. `capacity` in bytes, a multiple of 16, at most 64 KB. */
  resize(capacity: number): void {
    this.#capacity = Math.min(capacity, LARGEST);
    this.#head = this.#tail = this.frames = this.bytes = 0;
  }

  /** False when there is no room. */
  push(frame: Frame, match: number): boolean {
    const bytes = UNIT + roundUp(frame.length);
    if (this.bytes + bytes > this.#capacity) return false;
    const at = this.#tail;
    this.#view.setInt32(at, frame.length);
    this.#memory[at + 4] = match;
    this.#memory[at + 5] = frame.corrupt ? 1 : 0;
    this.#copyIn(frame, this.#wrap(at + UNIT));
    this.#tail = this.#wrap(at + bytes);
    this.bytes += bytes;
    if (this.frames++ === 0) this.#showFirst();
    return true;
  }

  /** Takes the first frame out. */
  shift(): void {
    const bytes = UNIT + roundUp(this.frame.length);
    this.#head = this.#wrap(this.#head + bytes);
    this.bytes -= bytes;
    if (--this.frames > 0) this.#showFirst();
  }

  #showFirst(): void {
    const length = this.#view.getInt32(this.#head);
    const at = this.#wrap(this.#head + UNIT);
    const straight = Math.min(length, this.#capacity - at);
    const { frame } = this;
    frame.clear();
    frame.add(at, straight);
    if (straight < length) frame.add(0, length - straight);
    this.match = this.#memory[this.#head + 4];
    frame.corrupt = this.#memory[this.#head + 5] !== 0;
  }

  #copyIn(frame: Frame, start: number): void {
    let to = start;
    for (let i = 0; i < frame.pieces; i++) {
      let from = frame.addresses[i];
      for (let left = frame.lengths[i]; left > 0;) {
        const n = Math.min(left, this.#capacity - to);
        this.#memory.set(frame.memory.subarray(from, from + n), to);
        from += n;
        left -= n;
        to = this.#wrap(to + n);
      }
    }
  }

  #wrap(at: number): number {
    return at >= this.#capacity ? at - this.#capacity : at;
  }
}

function roundUp(length: number): number {
  return (length + UNIT - 1) & -UNIT;
}
