import { csumBlockAdd, type Kernels } from '@stack/memory';
import type { DmaMemory } from '@stack/pci';

/** As many descriptors as a ring can have. */
const MAX_PIECES = 4096;

/** What the descriptors of one packet say, gathered until the last one. */
export class Packet {
  readonly addresses = new Int32Array(MAX_PIECES);
  readonly lengths = new Int32Array(MAX_PIECES);
  pieces = 0;
  length = 0;
  /** Ring index of its first descriptor. */
  first = 0;
  /** The last descriptor was seen. */
  complete = false;
  /** Commands of its descriptors: EOP, IFCS, VLE and IDE count in the last, IC and TSE in the first. */
  legacy = false;
  command = 0;
  firstCommand = 0;
  /** POPTS of the first data descriptor. */
  options = 0;
  /** Of a legacy descriptor: where to insert the checksum, and where it begins. */
  cso = 0;
  css = 0;
  vlanTag = 0;

  clear(first: number): void {
    this.first = first;
    this.pieces = 0;
    this.length = 0;
    this.complete = false;
  }

  add(address: number, length: number): void {
    if (length === 0) return;
    this.addresses[this.pieces] = address;
    this.lengths[this.pieces++] = length;
    this.length += length;
  }

  /** Copies the first `length` bytes to index `to`. */
  copyHead(memory: DmaMemory, length: number, target: Uint8Array, to: number): void {
    let left = Math.min(length, this.length);
    let at = to;
    for (let i = 0; left > 0; i++) {
      const n = Math.min(left, this.lengths[i]);
      const from = this.addresses[i];
      if (target === memory.u8) target.copyWithin(at, from, from + n);
      else target.set(memory.u8.subarray(from, from + n), at);
      at += n;
      left -= n;
    }
  }

  /** Partial checksum of the bytes from `from` up to `to`. */
  checksum(kernels: Kernels, from: number, to: number): number {
    let sum = 0;
    let start = 0;
    for (let i = 0; i < this.pieces && start < to; i++) {
      const end = start + this.lengths[i];
      const begin = Math.max(from, start);
      const n = Math.min(to, end) - begin;
      if (n > 0) {
        const part = kernels.checksum(this.addresses[i] + begin - start, n, 0);
        sum = csumBlockAdd(sum, part, begin - from);
      }
      start = end;
    }
    return sum;
  }
}
