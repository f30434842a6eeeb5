import { onTestFinished } from 'vitest';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena, CheckingArena, LARGEST_BLOCK } from '../src/index.ts';

const MB = 1 << 20;

describe.each([
  ['Arena', (size: number) => new Arena(size)],
  ['CheckingArena', (size: number) => new CheckingArena(size)],
])('%s', (_name, make) => {
  it.each([
    [0, 256],
    [1, 256],
    [256, 256],
    [257, 512],
    [1514, 2048],
    [2048, 2048],
    [2049, 4096],
    [32_769, 65_536],
    [65_536, 65_536],
  ])('serves %i bytes from a block of %i', (bytes, size) => {
    const arena = make(MB);
    const block = arena.alloc(bytes);
    expect(block).toBeGreaterThan(0);
    expect(arena.blockSize(block)).toBe(size);
    expect([arena.blockOf(block), arena.blockOf(block + size - 1)]).toEqual([block, block]);
    expect([arena.refs(block), arena.live]).toEqual([1, 1]);
    arena.release(block);
    expect([arena.refs(block), arena.live]).toEqual([0, 0]);
  });

  it('frees a block with its last reference', () => {
    const arena = make(MB);
    const block = arena.alloc(100);
    arena.hold(block);
    arena.release(block);
    expect([arena.refs(block), arena.live]).toEqual([1, 1]);
    arena.release(block);
    expect(arena.live).toBe(0);
  });

  it('answers 0 when it is full, counts it, and serves again when a block is free', () => {
    const arena = make(4 * LARGEST_BLOCK);
    const blocks = [];
    for (let block = arena.alloc(LARGEST_BLOCK); block !== 0; block = arena.alloc(LARGEST_BLOCK)) blocks.push(block);
    expect([blocks.length, arena.failures, arena.untouched]).toEqual([3, 1, 0]);
    arena.release(blocks.pop()!);
    const block = arena.alloc(LARGEST_BLOCK);
    expect(block).toBeGreaterThan(0);
    for (const each of [...blocks, block]) arena.release(each);
    expect(arena.failures).toBe(1);
  });

  it('never gives two owners the same bytes', () => {
    const arena = make(8 * MB);
    const request = fc.oneof(fc.constant(null), fc.nat(3000), fc.nat(LARGEST_BLOCK));
    fc.assert(
      fc.property(fc.array(request, { maxLength: 60 }), (requests) => {
        const owned: { at: number; bytes: number; mark: number }[] = [];
        requests.forEach((bytes, i) => {
          if (bytes === null) {
            const first = owned.shift();
            if (first) arena.release(first.at);
            return;
          }
          const at = arena.alloc(bytes);
          if (at === 0) return;
          const mark = i + 1;
          arena.u8.fill(mark, at, at + bytes);
          owned.push({ at, bytes, mark });
        });
        for (const { at, bytes, mark } of owned) {
          expect(arena.u8.subarray(at, at + bytes).every((byte) => byte === mark)).toBe(true);
          arena.release(at);
        }
        expect(arena.live).toBe(0);
      }),
    );
  });

  it('copies and sums where bytes lie', () => {
    const arena = make(MB);
    const [from, to] = [arena.alloc(10), arena.alloc(10)];
    arena.u8.set([0x12, 0x34, 0x56], from + 1);
    arena.copy(to + 2, from + 1, 3);
    expect([...arena.u8.subarray(to + 2, to + 5)]).toEqual([0x12, 0x34, 0x56]);
    expect(arena.checksum(to + 2, 3, 1)).toBe(0x1234 + 0x5600 + 1);
    expect([arena.view.getUint16(to + 2), arena.i32.buffer]).toEqual([0x1234, arena.u8.buffer]);
    for (const block of [from, to]) arena.release(block);
  });

  it.each([0, 1000, LARGEST_BLOCK, 2.5 * LARGEST_BLOCK, 2 ** 31])('cannot have %d bytes', (size) => {
    expect(() => make(size)).toThrow(expect.objectContaining({ code: 'ERR_STACK_ARENA_SIZE' }));
  });
});

describe('CheckingArena', () => {
  const misuse = (name: string) => expect.objectContaining({ code: `ERR_STACK_${name}` });
  const HERE = /arena\.test\.ts:\d+/;

  function checked(): CheckingArena {
    const arena = new CheckingArena(MB);
    onTestFinished(() => arena.check());
    return arena;
  }

  it('finds a block that is released twice', () => {
    const arena = checked();
    const block = arena.alloc(100);
    arena.release(block);
    expect(() => arena.release(block)).toThrow(misuse('DOUBLE_FREE'));
    expect(() => arena.release(block)).toThrow(HERE);
  });

  it('finds an address that is no block', () => {
    const arena = checked();
    const block = arena.alloc(100);
    expect(() => arena.release(block + 1)).toThrow(misuse('DOUBLE_FREE'));
    arena.release(block);
  });

  it('finds a reference to a freed block', () => {
    const arena = checked();
    const block = arena.alloc(100);
    arena.release(block);
    expect(() => arena.hold(block)).toThrow(misuse('USE_AFTER_FREE'));
  });

  it('finds a write to a freed block, at the end', () => {
    const arena = new CheckingArena(MB);
    const block = arena.alloc(100);
    arena.release(block);
    arena.check();
    arena.u8[block + 99] = 1;
    expect(() => arena.check()).toThrow(misuse('USE_AFTER_FREE'));
    expect(() => arena.check()).toThrow(HERE);
  });

  it('finds a write to a freed block when it is used again', () => {
    const arena = new CheckingArena(MB);
    const block = arena.alloc(100);
    arena.release(block);
    arena.u8[block] = 1;
    const reuse = (): void => {
      for (let i = 0; i < 1000; i++) arena.release(arena.alloc(100));
    };
    expect(reuse).toThrow(misuse('USE_AFTER_FREE'));
  });

  it.each([1, 255, 256, 2048, 4096, 65_000])('finds a write behind %i bytes', (bytes) => {
    const arena = new CheckingArena(MB);
    const block = arena.alloc(bytes);
    arena.u8.fill(1, block, block + bytes);
    expect(() => arena.check()).toThrow(misuse('LEAK'));
    arena.u8[block + bytes] = 1;
    expect(() => arena.check()).toThrow(misuse('OUT_OF_BOUNDS'));
    expect(() => arena.release(block)).toThrow(misuse('OUT_OF_BOUNDS'));
  });

  it('finds a leak and names the place of allocation', () => {
    const arena = new CheckingArena(MB);
    arena.release(arena.alloc(100));
    arena.check();
    arena.alloc(100);
    expect(() => arena.check()).toThrow(misuse('LEAK'));
    expect(() => arena.check()).toThrow(HERE);
  });

  it('refuses what no block can hold', () => {
    const arena = checked();
    for (const bytes of [-1, 1.5, LARGEST_BLOCK + 1, NaN])
      expect(() => arena.alloc(bytes)).toThrow(misuse('BLOCK_SIZE'));
  });

  it('serves what is resting when it is full otherwise', () => {
    const arena = checked();
    for (let i = 0; i < 100; i++) {
      const block = arena.alloc(60_000);
      expect(block).toBeGreaterThan(0);
      arena.release(block);
    }
    expect(arena.failures).toBe(0);
  });
});
