/**
 * A frame on the wire, without preamble and FCS: pieces of the sender's memory, in order. It is valid only during the
 * call that hands it over; who needs it longer copies it. Senders make one and reuse it.
 */
export class Frame {
  /** The sender's memory; receivers of the same machine find their own there, and copy within it. */
  memory: Uint8Array;
  /** Where each piece begins in `memory`, and its length. */
  readonly addresses: Int32Array;
  readonly lengths: Int32Array;
  pieces = 0;
  /** Bytes in all. */
  length = 0;
  /** The frame was damaged on its way: a receiver's FCS check fails. */
  corrupt = false;

  constructor(memory: Uint8Array, maxPieces = 64) {
    this.memory = memory;
    this.addresses = new Int32Array(maxPieces);
    this.lengths = new Int32Array(maxPieces);
  }

  clear(): void {
    this.pieces = 0;
    this.length = 0;
    this.corrupt = false;
  }

  add(address: number, length: number): void {
    this.addresses[this.pieces] = address;
    this.lengths[this.pieces++] = length;
    this.length += length;
  }

  /** The byte at `offset`, which must lie within the frame. */
  byteAt(offset: number): number {
    let piece = 0;
    let at = offset;
    while (at >= this.lengths[piece]) at -= this.lengths[piece++];
    return this.memory[this.addresses[piece] + at];
  }

  /** Writes the whole frame to index `at` of `target`, which may be the sender's own memory. */
  copyTo(target: Uint8Array, at: number): void {
    const { memory, addresses, lengths } = this;
    let to = at;
    for (let i = 0; i < this.pieces; i++) {
      const from = addresses[i];
      if (target === memory) target.copyWithin(to, from, from + lengths[i]);
      else target.set(memory.subarray(from, from + lengths[i]), to);
      to += lengths[i];
    }
  }
}
