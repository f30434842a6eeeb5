import type { Nanoseconds } from '@stack/clock';

/** Lengths of the frames that wait for the wire, and when each one's turn comes: a ring that grows by doubling. */
export class WaitingFrames {
  frames = 0;
  bytes = 0;
  #starts = new Float64Array(64);
  #lengths = new Int32Array(64);
  #head = 0;

  push(start: Nanoseconds, length: number): void {
    if (this.frames === this.#starts.length) this.#grow();
    const slot = (this.#head + this.frames) & (this.#starts.length - 1);
    this.#starts[slot] = start;
    this.#lengths[slot] = length;
    this.frames++;
    this.bytes += length;
  }

  /** Takes out those whose turn has come. */
  leave(now: Nanoseconds): void {
    const mask = this.#starts.length - 1;
    while (this.frames > 0 && this.#starts[this.#head] <= now) {
      this.bytes -= this.#lengths[this.#head];
      this.#head = (this.#head + 1) & mask;
      this.frames--;
    }
  }

  clear(): void {
    this.frames = 0;
    this.bytes = 0;
  }

  #grow(): void {
    const { length } = this.#starts;
    const starts = new Float64Array(length * 2);
    const lengths = new Int32Array(length * 2);
    for (let i = 0; i < length; i++) {
      const slot = (this.#head + i) & (length - 1);
      starts[i] = this.#starts[slot];
      lengths[i] = this.#lengths[slot];
    }
    this.#starts = starts;
    this.#lengths = lengths;
    this.#head = 0;
  }
}
