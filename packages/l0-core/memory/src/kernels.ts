import type { WasmMemory } from './webassembly.ts';

/**
 * The two loops over packet bytes that are worth machine code. Lengths in bytes, up to 1 MB; any alignment. All kernels
 * give the same sums, bit by bit.
 */
export interface Kernels {
  readonly name: 'wasm-simd' | 'javascript';
  /** Partial Internet checksum of `length` bytes at `address`, added to the partial sum `sum`. */
  checksum(address: number, length: number, sum: number): number;
  /** Copies (the areas must not overlap) and returns the partial checksum of what was copied, added to `sum`. */
  copyAndChecksum(to: number, from: number, length: number, sum: number): number;
}

/** Works everywhere, at a third of the speed. */
export function javascriptKernels(memory: WasmMemory): Kernels {
  const u8 = new Uint8Array(memory.buffer);
  const u16 = new Uint16Array(memory.buffer);
  const u32 = new Uint32Array(memory.buffer);
  const checksum = (address: number, length: number, sum: number): number =>
    addTo(sum, address & 1, addWords(u8, u16, u32, address, length));
  return {
    name: 'javascript',
    checksum,
    copyAndChecksum(to, from, length, sum) {
      u8.copyWithin(to, from, from + length);
      return checksum(from, length, sum);
    },
  };
}

/**
 * Sums little-endian words where they lie in memory, 32 bits at a time, in a double: exact for 8 MB. A byte at an odd
 * address is the high half of its word.
 */
function addWords(u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, address: number, length: number): number {
  const end = address + length;
  let words = 0;
  let at = address;
  if ((at & 1) !== 0 && at < end) words += u8[at++] << 8;
  if ((at & 2) !== 0 && at + 2 <= end) {
    words += u16[at >>> 1];
    at += 2;
  }
  let i = at >>> 2;
  const last = end >>> 2;
  for (; i + 4 <= last; i += 4) words += u32[i] + u32[i + 1] + (u32[i + 2] + u32[i + 3]);
  for (; i < last; i++) words += u32[i];
  at = Math.max(at, last << 2);
  if (at + 2 <= end) {
    words += u16[at >>> 1];
    at += 2;
  }
  if (at < end) words += u8[at];
  return words;
}

/** Folds little-endian words to 16 bits with end-around carry, puts their bytes in network order, and adds to `sum`. */
function addTo(sum: number, odd: number, words: number): number {
  const low = words >>> 0;
  const high = (words - low) / 0x1_0000_0000;
  let folded = (low & 0xffff) + (low >>> 16) + high;
  folded = (folded & 0xffff) + (folded >>> 16);
  folded = (folded & 0xffff) + (folded >>> 16);
  const total = (sum >>> 0) + (odd !== 0 ? folded : ((folded & 0xff) << 8) | (folded >>> 8));
  return total > 0xffffffff ? (total + 1) | 0 : total | 0;
}
