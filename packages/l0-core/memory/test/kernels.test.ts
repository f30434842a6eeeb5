import { readFileSync } from 'node:fs';
import { internetChecksum } from '@stack/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena, csumAdd, csumFold, javascriptKernels, wasmKernels } from '../src/index.ts';
import { compile } from '../src/wasm-kernels.ts';
import { assemble } from '../wasm/assemble.ts';

const SIZE = 1 << 20;
const arena = new Arena(SIZE);
const inWasm = wasmKernels(arena.memory);
const inJavascript = javascriptKernels(arena.memory);

const address = fc.nat(1000).map((offset) => 65_536 + offset);
const length = fc.oneof(fc.nat(70), fc.nat(2000), fc.nat(66_000));
const content = fc.oneof(fc.constant(0), fc.constant(255), fc.constant(-1));
const sum = fc.oneof(fc.constantFrom(0, -1, 1, 0x7fffffff), fc.integer());

/** Random bytes, or all alike. */
function fill(at: number, length: number, kind: number): Uint8Array {
  const bytes = arena.u8.subarray(at, at + length);
  if (kind >= 0) bytes.fill(kind);
  else for (let i = 0; i < length; i++) bytes[i] = Math.imul(i + at, 2654435761) >>> 13;
  return bytes;
}

it('are in machine code here, and in JavaScript where SIMD is unknown', () => {
  expect(inWasm.name).toBe('wasm-simd');
  expect(arena.kernels.name).toBe('wasm-simd');
  expect(compile('0061736d01000000ff')).toBeNull();
  expect(wasmKernels(arena.memory, null).name).toBe('javascript');
});

it('are assembled from their source', async () => {
  const file = new URL('../src/kernels-wasm.ts', import.meta.url);
  expect(readFileSync(file, 'utf8')).toBe(await assemble());
});

describe('checksum', () => {
  it('is the same in machine code, in JavaScript and by definition', () => {
    fc.assert(
      fc.property(address, length, content, sum, (at, length, kind, start) => {
        const bytes = fill(at, length, kind);
        const result = inWasm.checksum(at, length, start);
        expect(inJavascript.checksum(at, length, start)).toBe(result);
        expect(result).toBe(csumAdd(start, 0xffff - internetChecksum(bytes)));
      }),
      { numRuns: 500 },
    );
  });

  it('does not overflow on the longest blocks', () => {
    const at = 65_536;
    const length = SIZE - at;
    fill(at, length, 255);
    expect(inWasm.checksum(at, length, 0)).toBe(0xffff);
    expect(inJavascript.checksum(at, length, 0)).toBe(0xffff);
    fill(at, length, -1);
    expect(inJavascript.checksum(at, length, 5)).toBe(inWasm.checksum(at, length, 5));
    expect(csumFold(inWasm.checksum(at, length, 0))).toBe(internetChecksum(arena.u8.subarray(at)));
  });

  it('of the last bytes of the arena reads none behind them', () => {
    for (let length = 0; length < 200; length++) {
      const bytes = fill(SIZE - length, length, -1);
      expect(csumFold(inWasm.checksum(SIZE - length, length, 0))).toBe(internetChecksum(bytes));
      expect(csumFold(inJavascript.checksum(SIZE - length, length, 0))).toBe(internetChecksum(bytes));
    }
  });
});

describe('copy with checksum', () => {
  it('copies, sums, and touches nothing else', () => {
    const target = fc.nat(1000).map((offset) => 400_000 + offset);
    fc.assert(
      fc.property(address, target, length, content, sum, (from, to, length, kind, start) => {
        const bytes = fill(from, length, kind);
        for (const kernels of [inWasm, inJavascript]) {
          fill(to - 64, length + 128, 0xa5);
          expect(kernels.copyAndChecksum(to, from, length, start)).toBe(inJavascript.checksum(from, length, start));
          expect(Buffer.compare(arena.u8.subarray(to, to + length), bytes)).toBe(0);
          const around = [...arena.u8.subarray(to - 64, to), ...arena.u8.subarray(to + length, to + length + 64)];
          expect(around.every((byte) => byte === 0xa5)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
