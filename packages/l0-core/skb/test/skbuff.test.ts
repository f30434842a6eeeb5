import { describe, expect, it } from 'vitest';
import { NET_SKB_PAD, SIZEOF_SHARED_INFO, SIZEOF_SK_BUFF, skbLinearize } from '../src/index.ts';
import { addFrag, bytesOf, newPool, pattern } from './support.ts';

describe('the linear part', () => {
  it('begins empty, with all its room behind', () => {
    const skb = newPool().alloc(200)!;
    expect(skb).toMatchObject({ len: 0, dataLen: 0, headlen: 0, headroom: 0, tailroom: 200 });
    skb.consume();
  });

  it('grows and shrinks at both ends', () => {
    const skb = newPool().alloc(200)!;
    skb.reserve(NET_SKB_PAD);
    skb.putData(pattern(10));
    expect(skb.u8(0)).toBe(0);
    expect(skb.push(2)).toBe(skb.data);
    skb.setU16(0, 0xabcd);
    expect(skb).toMatchObject({ len: 12, headroom: NET_SKB_PAD - 2, tailroom: 200 - NET_SKB_PAD - 10 });
    expect(bytesOf(skb)).toEqual([0xab, 0xcd, ...pattern(10)]);
    skb.pull(5);
    expect(skb.trim(4)).toBe(true);
    expect(bytesOf(skb)).toEqual([...pattern(10).subarray(3, 7)]);
    skb.consume();
  });

  it('takes part of an array', () => {
    const skb = newPool().alloc(20)!;
    expect(skb.putData(pattern(10), 3, 4)).toBe(skb.data);
    skb.putData(pattern(10), 8);
    expect(bytesOf(skb)).toEqual([...pattern(10).subarray(3, 7), ...pattern(10).subarray(8)]);
    skb.consume();
  });

  it('reads and writes in network byte order', () => {
    const skb = newPool().alloc(20)!;
    skb.put(8);
    skb.setU8(0, 0x12);
    skb.setU16(1, 0x3456);
    skb.setI32(3, 0x89abcdef);
    expect(bytesOf(skb).slice(0, 7)).toEqual([0x12, 0x34, 0x56, 0x89, 0xab, 0xcd, 0xef]);
    expect([skb.u8(3), skb.u16(1), skb.i32(3)]).toEqual([0x89, 0x3456, 0x89abcdef | 0]);
    skb.consume();
  });

  it('trimming to more than there is changes nothing', () => {
    const skb = newPool().alloc(20)!;
    skb.put(10);
    expect(skb.trim(11)).toBe(true);
    expect(skb.len).toBe(10);
    skb.consume();
  });

  const overrun = expect.objectContaining({ code: 'ERR_STACK_SKB_OVERRUN' });
  it.each([
    ['put', 11],
    ['push', 11],
    ['pull', 6],
  ] as const)('%s of too many bytes is a defect', (operation, bytes) => {
    const skb = newPool().alloc(25)!;
    skb.reserve(10);
    skb.put(5);
    expect(() => skb[operation](bytes)).toThrow(overrun);
    skb.consume();
  });
});

describe('truesize', () => {
  const overhead = SIZEOF_SK_BUFF + SIZEOF_SHARED_INFO;

  it.each([
    [1, 640 - SIZEOF_SHARED_INFO],
    [320, 640 - SIZEOF_SHARED_INFO],
    [321, 1024 - SIZEOF_SHARED_INFO],
    [1728, 2048 - SIZEOF_SHARED_INFO],
  ])('of a buffer for %i bytes is that of the kernel', (size, data) => {
    const skb = newPool().alloc(size)!;
    expect(skb.truesize).toBe(data + overhead);
    skb.consume();
  });

  it('of a buffer around a block is that of the block', () => {
    const pool = newPool();
    const skb = pool.build(pool.arena.alloc(2048), 2048);
    expect(skb.truesize).toBe(2048 + overhead);
    expect(skb.tailroom).toBe(2048);
    skb.consume();
  });

  it('grows with fragments', () => {
    const skb = newPool().alloc(100)!;
    const before = skb.truesize;
    addFrag(skb, pattern(50));
    expect(skb.truesize).toBe(before + 50);
    skb.consume();
  });
});

describe('mayPull', () => {
  it('moves bytes of fragments into the linear part, and no more than asked for', () => {
    const skb = newPool().alloc(100)!;
    skb.putData(pattern(10));
    addFrag(skb, pattern(10, 100), 3);
    addFrag(skb, pattern(10, 200));
    const bytes = bytesOf(skb);
    expect(skb.tailroom).toBe(0);
    expect(skb.mayPull(25)).toBe(true);
    expect(skb).toMatchObject({ len: 30, dataLen: 5, headlen: 25 });
    expect(skb.shinfo.nrFrags).toBe(1);
    expect(bytesOf(skb)).toEqual(bytes);
    skb.consume();
  });

  it('refuses what the packet does not have', () => {
    const skb = newPool().alloc(100)!;
    addFrag(skb, pattern(10));
    expect(skb.mayPull(11)).toBe(false);
    expect(skb).toMatchObject({ len: 10, dataLen: 10 });
    skb.consume();
  });

  it('moves header addresses when the head must grow', () => {
    const skb = newPool().alloc(16)!;
    skb.putData(pattern(16));
    skb.resetMacHeader();
    skb.resetNetworkHeader();
    addFrag(skb, pattern(100));
    expect(skb.mayPull(60)).toBe(true);
    expect(skb.macHeader).toBe(skb.data);
    expect(skb.networkHeader).toBe(skb.data);
    expect(skb.transportHeader).toBe(0);
    skb.consume();
  });

  it('fails without a trace when memory is lacking', () => {
    const pool = newPool(128 * 1024);
    const skb = pool.alloc(16)!;
    addFrag(skb, pattern(100));
    const hoard = [];
    for (let block = pool.arena.alloc(200); block !== 0; block = pool.arena.alloc(200)) hoard.push(block);
    expect(skb.mayPull(60)).toBe(false);
    expect(bytesOf(skb)).toEqual([...pattern(100)]);
    for (const block of hoard) pool.arena.release(block);
    expect(skbLinearize(skb)).toBe(true);
    skb.consume();
  });
});

it('alloc gives null when the arena is full', () => {
  const pool = newPool(128 * 1024);
  const skbs = [];
  for (let skb = pool.alloc(2000); skb !== null; skb = pool.alloc(2000)) skbs.push(skb);
  expect(skbs.length).toBeGreaterThan(10);
  expect(pool.live).toBe(skbs.length);
  for (const skb of skbs) skb.consume();
  expect(pool.live).toBe(0);
});
