import { describe, expect, it, vi } from 'vitest';
import {
  pskbCopy,
  pskbExpandHead,
  skbClone,
  skbCopy,
  skbCowHead,
  skbEnsureWritable,
  skbMorph,
  skbShareCheck,
  type SkBuff,
} from '../src/index.ts';
import { addFrag, addToList, bytesOf, newPool, pattern } from './support.ts';

function packet(pool = newPool()): SkBuff {
  const skb = pool.alloc(100)!;
  skb.reserve(40);
  skb.putData(pattern(20));
  addFrag(skb, pattern(30, 90), 5);
  const part = pool.alloc(50)!;
  part.putData(pattern(10, 33));
  addToList(skb, part);
  skb.resetNetworkHeader();
  skb.mark = 42;
  skb.shinfo.gsoSize = 1448;
  return skb;
}

describe('a clone', () => {
  it('shows the same bytes and fields under a number of its own', () => {
    const skb = packet();
    const clone = skbClone(skb);
    expect(clone.id).not.toBe(skb.id);
    expect(bytesOf(clone)).toEqual(bytesOf(skb));
    expect(clone).toMatchObject({ mark: 42, networkHeader: skb.networkHeader, isCloned: true, isGso: true });
    expect(skb.isCloned).toBe(true);
    skb.consume();
    clone.consume();
  });

  it('outlives the original, and is alone then', () => {
    const skb = packet();
    const bytes = bytesOf(skb);
    const clone = skbClone(skb);
    skb.consume();
    expect(clone.isCloned).toBe(false);
    expect(bytesOf(clone)).toEqual(bytes);
    clone.consume();
  });

  it('takes no memory and leaves no shared info behind', () => {
    const skb = packet();
    const blocks = skb.arena.live;
    for (let i = 0; i < 3; i++) skbClone(skb).consume();
    expect(skb.arena.live).toBe(blocks);
    expect(skb.shinfo.dataref).toBe(1);
    skb.consume();
  });

  it('has its own ends', () => {
    const skb = packet();
    const clone = skbClone(skb);
    clone.pull(5);
    clone.push(25);
    expect(skb.len).toBe(60);
    skb.consume();
    clone.consume();
  });

  it('does not belong to the socket', () => {
    const skb = packet();
    skb.sk = { protocol: 6 };
    skb.destructor = vi.fn();
    const clone = skbClone(skb);
    expect(clone.sk).toBeNull();
    clone.consume();
    expect(skb.destructor).not.toHaveBeenCalled();
    skb.destructor = null;
    skb.consume();
  });

  it('loses bytes of its own when trimmed or advanced, the original none', () => {
    const skb = packet();
    const bytes = bytesOf(skb);
    const clone = skbClone(skb);
    expect(clone.trim(25)).toBe(true);
    expect(bytesOf(clone)).toEqual(bytes.slice(0, 25));
    expect(bytesOf(skb)).toEqual(bytes);
    skb.consume();
    clone.consume();
  });
});

describe('a copy', () => {
  it('is linear and shares nothing', () => {
    const skb = packet();
    const copy = skbCopy(skb)!;
    expect(bytesOf(copy)).toEqual(bytesOf(skb));
    expect(copy).toMatchObject({ dataLen: 0, headroom: 40, mark: 42, isCloned: false, isGso: true });
    expect(copy.networkHeader).toBe(copy.data);
    copy.setU8(0, 255);
    expect(skb.u8(0)).toBe(0);
    skb.consume();
    copy.consume();
  });

  it('of more than a block is refused', () => {
    const skb = newPool().alloc(100)!;
    addFrag(skb, pattern(40_000));
    addFrag(skb, pattern(40_000));
    expect(skbCopy(skb)).toBeNull();
    skb.consume();
  });

  it('of the head alone shares fragments, and counts all bytes', () => {
    const skb = packet();
    const copy = pskbCopy(skb, 60)!;
    expect(bytesOf(copy)).toEqual(bytesOf(skb));
    expect(copy).toMatchObject({ len: 60, dataLen: 40, headlen: 20, headroom: 60 });
    copy.setU8(0, 255);
    expect(skb.u8(0)).toBe(0);
    skb.consume();
    expect(bytesOf(copy).slice(20, 50)).toEqual([...pattern(30, 90)]);
    copy.consume();
  });
});

describe('a head of its own', () => {
  it('has the room asked for; addresses move along', () => {
    const skb = packet();
    const bytes = bytesOf(skb);
    expect(pskbExpandHead(skb, 100, 10)).toBe(true);
    expect(skb.headroom).toBe(140);
    expect(skb.end - skb.tail).toBe(50);
    expect(skb.networkHeader).toBe(skb.data);
    expect(bytesOf(skb)).toEqual(bytes);
    skb.consume();
  });

  it('is what a clone gets before it writes', () => {
    const skb = packet();
    const clone = skbClone(skb);
    expect(skbEnsureWritable(clone, 20)).toBe(true);
    clone.setU8(0, 255);
    expect(skb.u8(0)).toBe(0);
    expect([skb.isCloned, clone.isCloned]).toEqual([false, false]);
    expect(bytesOf(clone).slice(1)).toEqual(bytesOf(skb).slice(1));
    skb.consume();
    clone.consume();
  });

  it('is charged to the buffer, unless a socket pays for it', () => {
    const skb = newPool().alloc(100)!;
    const before = skb.truesize;
    pskbExpandHead(skb, 1000, 0);
    expect(skb.truesize).toBe(before + 2048 - 640);
    skb.destructor = () => {};
    pskbExpandHead(skb, 4000, 0);
    expect(skb.truesize).toBe(before + 2048 - 640);
    skb.consume();
  });

  it('is not made when memory is lacking', () => {
    const pool = newPool(128 * 1024);
    const skb = pool.alloc(30_000)!;
    expect(pskbExpandHead(skb, 40_000, 0)).toBe(false);
    expect(skb.end - skb.head).toBe(30_000);
    skb.consume();
  });
});

describe('the headers of a packet that waits to be sent again', () => {
  it('may be written by its clone without a copy', () => {
    const skb = packet();
    skb.headerRelease();
    const clone = skbClone(skb);
    const { head } = clone;
    expect(clone).toMatchObject({ isCloned: true, headerCloned: false });
    expect(skbCowHead(clone, 40)).toBe(true);
    expect(clone.head).toBe(head);
    clone.consume();
    skb.consume();
  });

  it('may not be when there are two clones', () => {
    const skb = packet();
    skb.headerRelease();
    const [one, two] = [skbClone(skb), skbClone(skb)];
    expect(one.headerCloned).toBe(true);
    const { head } = one;
    expect(skbCowHead(one, 0)).toBe(true);
    expect(one.head).not.toBe(head);
    expect(two.headerCloned).toBe(false);
    skb.consume();
    expect(two.headerCloned).toBe(false);
    for (const clone of [one, two]) clone.consume();
  });

  it('are its own again when it gets a head of its own', () => {
    const skb = packet();
    skb.headerRelease();
    const clone = skbClone(skb);
    expect(pskbExpandHead(skb, 0, 0)).toBe(true);
    expect([skb.nohdr, skb.headerCloned, clone.headerCloned, clone.isCloned]).toEqual([false, false, false, false]);
    skb.consume();
    clone.consume();
  });

  it('are copied when there is no room for more', () => {
    const skb = packet();
    expect(skbCowHead(skb, 41)).toBe(true);
    expect(skb.headroom).toBe(40 + 64);
    skb.consume();
  });
});

describe('a shared buffer', () => {
  it('lives until its last owner lets go', () => {
    const pool = newPool();
    const skb = packet(pool);
    expect(skb.get()).toBe(skb);
    expect(skb.shared).toBe(true);
    skb.consume();
    expect(skb.shared).toBe(false);
    expect(pool.live).toBe(2);
    skb.consume();
    expect(pool.live).toBe(0);
  });

  it('is exchanged for a clone by who wants to keep or change it', () => {
    const skb = packet();
    expect(skbShareCheck(skb)).toBe(skb);
    const mine = skbShareCheck(skb.get());
    expect(mine).not.toBe(skb);
    expect(skb.shared).toBe(false);
    skb.consume();
    mine.consume();
  });
});

describe('a buffer that becomes another packet', () => {
  it('lets go of its own bytes and its socket, and stays who it was', () => {
    const pool = newPool();
    const other = packet(pool);
    const skb = packet(pool);
    const { id } = skb;
    const letGo = vi.fn();
    skb.destructor = letGo;
    skb.pull(7);
    const clone = skbClone(skb);
    skbMorph(skb, other);
    expect(letGo).toHaveBeenCalledOnce();
    expect(skb).toMatchObject({ id, sk: null, len: other.len, networkHeader: other.networkHeader, isCloned: true });
    expect(bytesOf(skb)).toEqual(bytesOf(other));
    expect(clone.isCloned).toBe(false); // it has the bytes of before to itself
    other.consume();
    expect(skb.isCloned).toBe(false);
    skb.consume();
    clone.consume();
    expect(pool.live).toBe(0);
  });
});
