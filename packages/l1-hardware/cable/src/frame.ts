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
}
