import { csumBlockAdd, type Address } from '@stack/memory';
import type { SkBuff } from './skbuff.ts';

/**
 * Copies `length` bytes from `offset` of the packet, wherever they lie, to an address of the arena. The caller
 * has checked that they exist.
 *
 * @kernel net/core/skbuff.c skb_copy_bits()
 */
export function skbCopyBits(skb: SkBuff, offset: number, to: Address, length: number): void {
  const { arena, shinfo } = skb;
  let at = offset;
  let left = length;
  let into = to;
  const linear = skb.headlen;
  if (at < linear) {
    const n = Math.min(left, linear - at);
    arena.copy(into, skb.data + at, n);
    left -= n;
    into += n;
    at = linear;
  }
  let start = linear;
  for (let i = 0; i < shinfo.nrFrags && left > 0; i++) {
    const size = shinfo.fragSize[i];
    if (at < start + size) {
      const n = Math.min(left, start + size - at);
      arena.copy(into, shinfo.fragAddress(i) + at - start, n);
      left -= n;
      into += n;
      at += n;
    }
    start += size;
  }
  for (let part = shinfo.fragList; part !== null && left > 0; part = part.next) {
    if (at < start + part.len) {
      const n = Math.min(left, start + part.len - at);
      skbCopyBits(part, at - start, into, n);
      left -= n;
      into += n;
      at += n;
    }
    start += part.len;
  }
}

/** The same, to bytes outside of the arena, from index `into` on. @kernel net/core/datagram.c skb_copy_datagram_iter() */
export function skbCopyToBytes(skb: SkBuff, offset: number, to: Uint8Array, into: number, length: number): void {
  const { arena, shinfo } = skb;
  let at = offset;
  let left = length;
  let out = into;
  const linear = skb.headlen;
  if (at < linear && left > 0) {
    const n = Math.min(left, linear - at);
    to.set(arena.u8.subarray(skb.data + at, skb.data + at + n), out);
    left -= n;
    out += n;
    at = linear;
  }
  let start = linear;
  for (let i = 0; i < shinfo.nrFrags && left > 0; i++) {
    const size = shinfo.fragSize[i];
    if (at < start + size) {
      const n = Math.min(left, start + size - at);
      const from = shinfo.fragAddress(i) + at - start;
      to.set(arena.u8.subarray(from, from + n), out);
      left -= n;
      out += n;
      at += n;
    }
    start += size;
  }
  for (let part = shinfo.fragList; part !== null && left > 0; part = part.next) {
    if (at < start + part.len) {
      const n = Math.min(left, start + part.len - at);
      skbCopyToBytes(part, at - start, to, out, n);
      left -= n;
      out += n;
      at += n;
    }
    start += part.len;
  }
}

/**
 * Partial Internet checksum of `length` bytes from `offset` of the packet, added to `sum`.
 *
 * @kernel net/core/skbuff.c skb_checksum()
 */
export function skbChecksum(skb: SkBuff, offset: number, length: number, sum: number): number {
  const { arena, shinfo } = skb;
  let at = offset;
  let left = length;
  let total = sum;
  const linear = skb.headlen;
  if (at < linear) {
    const n = Math.min(left, linear - at);
    total = arena.checksum(skb.data + at, n, total);
    left -= n;
    at = linear;
  }
  let start = linear;
  for (let i = 0; i < shinfo.nrFrags && left > 0; i++) {
    const size = shinfo.fragSize[i];
    if (at < start + size) {
      const n = Math.min(left, start + size - at);
      total = csumBlockAdd(total, arena.checksum(shinfo.fragAddress(i) + at - start, n, 0), length - left);
      left -= n;
      at += n;
    }
    start += size;
  }
  for (let part = shinfo.fragList; part !== null && left > 0; part = part.next) {
    if (at < start + part.len) {
      const n = Math.min(left, start + part.len - at);
      total = csumBlockAdd(total, skbChecksum(part, at - start, n, 0), length - left);
      left -= n;
      at += n;
    }
    start += part.len;
  }
  return total;
}
