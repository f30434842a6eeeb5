import { expect, test } from 'vitest';
import {
  pskbCopy,
  pskbExpandHead,
  skbClone,
  skbOrphanFrags,
  skbShift,
  skbSplit,
  skbZcopySet,
  type SharedBytes,
  type SkBuff,
} from '../src/index.ts';
import { addFrag, newPool, pattern } from './support.ts';

/** Bytes of an application, with how many buffers have them. */
class Pages implements SharedBytes {
  copied = false;
  shares = 0;

  get(): void {
    this.shares++;
  }

  put(): void {
    this.shares--;
  }
}

function lent(): { skb: SkBuff; pages: Pages } {
  const skb = newPool().alloc(64)!;
  const pages = new Pages();
  addFrag(skb, pattern(100));
  skbZcopySet(skb, pages);
  skbZcopySet(skb, pages); // the same once more is no other
  return { skb, pages };
}

test('bytes of an application are free when the last buffer that has them is', () => {
  const { skb, pages } = lent();
  const rest = skb.pool.alloc(64)!;
  expect(skbSplit(skb, rest, 40)).toBe(true);
  const copy = pskbCopy(rest)!;
  expect(pages.shares).toBe(3);
  skb.consume();
  copy.consume();
  expect(pages.shares).toBe(1);
  rest.consume();
  expect(pages.shares).toBe(0);
});

test('clones have them together, until one gets a head of its own', () => {
  const { skb, pages } = lent();
  const clone = skbClone(skb);
  expect(pages.shares).toBe(1);
  expect(pskbExpandHead(clone, 0, 0)).toBe(true);
  expect(pages.shares).toBe(2);
  skb.consume();
  expect(pages.shares).toBe(1);
  clone.consume();
  expect(pages.shares).toBe(0);
});

test('a device that has copied them gives them back, but not from under a clone', () => {
  const { skb, pages } = lent();
  const clone = skbClone(skb);
  skbOrphanFrags(clone);
  expect([pages.copied, pages.shares]).toEqual([true, 1]);
  clone.consume();
  skbOrphanFrags(skb);
  skbOrphanFrags(skb);
  expect(pages.shares).toBe(0);
  skb.consume();
  expect(pages.shares).toBe(0);
});

test('they do not move to other buffers', () => {
  const { skb, pages } = lent();
  const other = skb.pool.alloc(64)!;
  addFrag(other, pattern(10));
  expect([skbShift(other, skb, 50), skbShift(skb, other, 5)]).toEqual([false, false]);
  skb.consume();
  other.consume();
  expect(pages.shares).toBe(0);
});
