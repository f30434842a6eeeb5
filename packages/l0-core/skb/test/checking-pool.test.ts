import { machine } from '@stack/testing';
import { describe, expect, it } from 'vitest';
import { CheckingSkbPool, DropReason, skbClone, type SkBuff } from '../src/index.ts';

const code = (name: string) => expect.objectContaining({ code: `ERR_STACK_${name}` });

describe('a freed buffer', () => {
  const uses: Record<string, (skb: SkBuff) => unknown> = {
    'reading a field': (skb) => skb.len,
    'writing a field': (skb) => (skb.data = 1),
    'calling a method': (skb) => skb.put(1),
    'asking for a getter': (skb) => skb.headroom,
    'taking its counters': (skb) => skb.shinfo,
  };
  it.each(Object.entries(uses))('throws on %s', (_name, use) => {
    const pool = new CheckingSkbPool(machine().arena);
    const skb = pool.alloc(10)!;
    use(skb);
    skb.tail = skb.data = skb.head;
    skb.consume();
    expect(() => use(skb)).toThrow(code('USE_AFTER_FREE'));
  });

  it('cannot be freed again', () => {
    const pool = new CheckingSkbPool(machine().arena);
    const skb = pool.alloc(10)!;
    const clone = skbClone(skb);
    skb.consume();
    expect(() => skb.consume()).toThrow(code('DOUBLE_FREE'));
    expect(() => skb.drop(DropReason.NO_SOCKET)).toThrow(code('DOUBLE_FREE'));
    clone.consume();
  });

  it('tells where it was allocated and freed, and is never used again', () => {
    const pool = new CheckingSkbPool(machine().arena);
    const skb = pool.alloc(10)!;
    skb.consume();
    expect(() => skb.len).toThrow(/allocated\n.*checking-pool\.test\.ts:\d+.*freed\n.*checking-pool\.test\.ts:\d+/s);
    const next = pool.alloc(10)!;
    expect(next).not.toBe(skb);
    next.consume();
  });
});

it('a leak is reported with the place of allocation', () => {
  const pool = new CheckingSkbPool(machine().arena);
  pool.check();
  const skb = pool.alloc(10)!;
  expect(() => pool.check()).toThrow(code('LEAK'));
  expect(() => pool.check()).toThrow(/checking-pool\.test\.ts/);
  skb.consume();
  pool.check();
});
