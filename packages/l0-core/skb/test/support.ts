import { machine, testHost } from '@stack/testing';
import { skbCopyToBytes, Skbs, type SkBuff, type SkbPool } from '../src/index.ts';

/** The buffers of a host on a fresh machine, checked for leaks when the test ends. */
export function newPool(size?: number): SkbPool {
  return testHost(machine({ size }), 'alice').get(Skbs);
}

/** All bytes of a packet, wherever they lie. */
export function bytesOf(skb: SkBuff): number[] {
  const bytes = new Uint8Array(skb.len);
  skbCopyToBytes(skb, 0, bytes, 0, skb.len);
  return [...bytes];
}

/** Bytes that tell where they belong. */
export function pattern(length: number, first = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => first + i * 7);
}

/** Adds a fragment in a block of its own, `offset` bytes from its beginning. */
export function addFrag(skb: SkBuff, bytes: Uint8Array, offset = 0): void {
  const page = skb.arena.alloc(offset + bytes.length);
  skb.arena.u8.set(bytes, page + offset);
  skb.addFrag(page, offset, bytes.length, bytes.length);
}

/** Adds buffers at the end of the fragment list, as GRO does. */
export function addToList(skb: SkBuff, part: SkBuff): void {
  let last = skb.shinfo.fragList;
  while (last !== null && last.next !== null) last = last.next;
  if (last === null) skb.shinfo.fragList = part;
  else last.next = part;
  skb.len += part.len;
  skb.dataLen += part.len;
  skb.truesize += part.truesize;
}
