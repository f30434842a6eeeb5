import { csumFold } from '@stack/memory';
import { internetChecksum } from '@stack/testing';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  MAX_SKB_FRAGS,
  pskbCopy,
  pskbExpandHead,
  skbAdvance,
  skbChecksum,
  skbClone,
  skbCopy,
  skbCopyBits,
  skbCowHead,
  skbEnsureWritable,
  skbLinearize,
  skbSplit,
  type SkBuff,
  type SkbPool,
} from '../src/index.ts';
import { addFrag, addToList, bytesOf, newPool, pattern } from './support.ts';

/** A buffer and the bytes it should have. All pairs of a run must agree after each step. */
interface Pair {
  skb: SkBuff;
  bytes: number[];
}

type Step = (pair: Pair, n: number, pairs: Pair[], pool: SkbPool) => void;

const within = (n: number, limit: number): number => (limit === 0 ? 0 : n % (limit + 1));

/** Gives the buffer a head and lists of its own, as a caller must before it writes. */
function own(skb: SkBuff): void {
  if (skb.isCloned) expect(pskbExpandHead(skb, 0, 0)).toBe(true);
}

const steps: Record<string, Step> = {
  push({ skb, bytes }, n) {
    const data = pattern(n % 50, n);
    expect(skbCowHead(skb, data.length)).toBe(true);
    skb.arena.u8.set(data, skb.push(data.length));
    bytes.unshift(...data);
  },
  put({ skb, bytes }, n) {
    if (skb.dataLen > 0) return;
    own(skb);
    const data = pattern(Math.min(n % 50, skb.tailroom), n);
    skb.putData(data);
    bytes.push(...data);
  },
  pull(pair, n) {
    const bytes = within(n, pair.skb.headlen);
    pair.skb.pull(bytes);
    pair.bytes.splice(0, bytes);
  },
  advance(pair, n) {
    const bytes = within(n, pair.skb.len);
    expect(skbAdvance(pair.skb, bytes)).toBe(true);
    pair.bytes.splice(0, bytes);
  },
  trim(pair, n) {
    const length = within(n, pair.skb.len);
    expect(pair.skb.trim(length)).toBe(true);
    pair.bytes.length = length;
  },
  mayPull({ skb }, n) {
    const bytes = within(n, skb.len);
    expect(skb.mayPull(bytes)).toBe(true);
    expect(skb.headlen).toBeGreaterThanOrEqual(bytes);
  },
  linearize({ skb }) {
    expect(skbLinearize(skb)).toBe(true);
    expect(skb.dataLen).toBe(0);
  },
  write({ skb, bytes }, n) {
    if (skb.len === 0) return;
    expect(skbEnsureWritable(skb, 1)).toBe(true);
    skb.setU8(0, n);
    bytes[0] = n & 0xff;
  },
  expand({ skb }, n) {
    expect(pskbExpandHead(skb, n % 100, n % 70)).toBe(true);
  },
  frag({ skb, bytes }, n) {
    own(skb);
    if (skb.shinfo.nrFrags === MAX_SKB_FRAGS || skb.shinfo.fragList !== null) return;
    const data = pattern(1 + (n % 90), n);
    addFrag(skb, data, n % 5);
    bytes.push(...data);
  },
  list({ skb, bytes }, n, _pairs, pool) {
    own(skb);
    const part = pool.alloc(30)!;
    const data = pattern(n % 31, n);
    part.putData(data);
    bytes.push(...data);
    if (n % 2 === 0) addFrag(part, data);
    if (n % 2 === 0) bytes.push(...data);
    addToList(skb, part);
  },
  clone({ skb, bytes }, _n, pairs) {
    if (pairs.length < 6) pairs.push({ skb: skbClone(skb), bytes: [...bytes] });
  },
  copy({ skb, bytes }, _n, pairs) {
    if (pairs.length < 6) pairs.push({ skb: skbCopy(skb)!, bytes: [...bytes] });
  },
  pskbCopy({ skb, bytes }, _n, pairs) {
    if (pairs.length < 6) pairs.push({ skb: pskbCopy(skb)!, bytes: [...bytes] });
  },
  split(pair, n, pairs, pool) {
    if (pair.skb.shinfo.fragList !== null || pairs.length >= 6) return;
    const length = within(n, pair.skb.len);
    const rest = pool.alloc(pair.skb.headlen + 1)!;
    expect(skbSplit(pair.skb, rest, length)).toBe(true);
    pairs.push({ skb: rest, bytes: pair.bytes.splice(length) });
  },
  consume(pair, _n, pairs) {
    if (pairs.length === 1) return;
    pair.skb.consume();
    pairs.splice(pairs.indexOf(pair), 1);
  },
};

function expectSame({ skb, bytes }: Pair, from: number): void {
  expect(bytesOf(skb)).toEqual(bytes);
  expect(skb.headlen).toBe(skb.tail - skb.data);
  expect(skb.dataLen).toBe(skb.len - skb.headlen);
  const at = within(from, skb.len);
  const sum = skbChecksum(skb, at, skb.len - at, 0);
  expect(csumFold(sum) % 0xffff).toBe(internetChecksum(Uint8Array.from(bytes.slice(at))) % 0xffff);
  const block = skb.arena.alloc(skb.len + 1);
  skbCopyBits(skb, at, block, skb.len - at);
  expect([...skb.arena.u8.subarray(block, block + skb.len - at)]).toEqual(bytes.slice(at));
  skb.arena.release(block);
}

it('a packet is the same bytes whatever is done to its buffers', () => {
  const pool = newPool();
  const step = fc.tuple(fc.constantFrom(...Object.keys(steps)), fc.nat(1000), fc.nat(5));
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (run) => {
      const first = pool.alloc(200)!;
      first.reserve(60);
      const pairs: Pair[] = [{ skb: first, bytes: [] }];
      for (const [name, n, which] of run) {
        steps[name](pairs[which % pairs.length], n, pairs, pool);
        for (const pair of pairs) expectSame(pair, n);
      }
      for (const { skb } of pairs) skb.consume();
      expect([pool.live, pool.arena.live]).toEqual([0, 0]);
    }),
    { numRuns: 300 },
  );
});
