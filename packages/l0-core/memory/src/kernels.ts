import type { WasmMemory } from './webassembly.ts';

/** The two loops over packet bytes that are worth machine code. All lengths in bytes, at any alignment. */
export interface Kernels {
  readonly name: 'wasm-simd' | 'javascript';
  /** Partial Internet checksum of `length` bytes at `address`, added to the partial sum `sum`. */
  checksum(address: number, length: number, sum: number): number;
  /** Copies (the areas must not overlap) and returns the partial checksum of what was copied, added to `sum`. */
  copyAndChecksum(to: number, from: number, length: number, sum: number): number;
}

/** Works everywhere and gives the same answers as the WASM kernels. */
export function javascriptKernels(memory: WasmMemory): Kernels {
  const u8 = new Uint8Array(memory.buffer);
  const u16 = new Uint16Array(memory.buffer);
  const checksum = (address: number, length: number, sum: number): number => addWords(u8, u16, address, length, sum);
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
 * Sums little-endian words where they lie, and swaps the bytes of the result: the checksum does not mind. An odd
 * address swaps them once more. A double holds the sum of 2^37 words without loss.
 */
function addWords(u8: Uint8Array, u16: Uint16Array, address: number, length: number, start: number): number {
  const odd = address & 1;
  const end = address + length;
  let words = 0;
  let at = address;
  if (odd && length > 0) words += u8[at++] << 8;
  for (let i = at >>> 1, stop = (end & ~1) >>> 1; i < stop; i++) words += u16[i];
  if (end > at && (end & 1) === 1) words += u8[end - 1];
  const folded = fold(words);
  const sum = odd ? folded : ((folded & 0xff) << 8) | (folded >>> 8);
  const total = (start >>> 0) + sum;
  return total > 0xffffffff ? (total + 1) | 0 : total | 0;
}

/** To 16 bits with end-around carry. */
function fold(words: number): number {
  let sum = words;
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  return sum;
}
