import { MAX_SKB_FRAGS, skbCopyBits, skbCopyHeader, type SkBuff } from '@stack/skb';
import { NETIF_F_SG } from '../constants.ts';
import { skbDev } from '../device/net-device.ts';

/** Room in front of a segment, for a tag or the header of a tunnel. */
const HEADROOM = 64;

/**
 * Cuts a packet into segments of `gsoSize` bytes, each behind a copy of the first `headers` bytes. Their data are
 * shared with the packet if the device gathers, and copied otherwise. Null when memory is lacking.
 *
 * @kernel net/core/skbuff.c skb_segment()
 */
export function skbSegment(skb: SkBuff, headers: number, features: number): SkBuff | null {
  const gathers = (features & NETIF_F_SG) !== 0;
  const size = skb.shinfo.gsoSize;
  let first: SkBuff | null = null;
  let last: SkBuff | null = null;
  for (let at = headers; at < skb.len; at += size) {
    const part = segment(skb, headers, at, Math.min(size, skb.len - at), gathers);
    if (part === null) return dropSegments(first);
    if (last === null) first = part;
    else last.next = part;
    last = part;
  }
  return first;
}

/** Frees segments that cannot be used. */
export function dropSegments(list: SkBuff | null): null {
  for (let skb = list; skb !== null;) {
    const next: SkBuff | null = skb.next;
    skb.next = null;
    skb.consume();
    skb = next;
  }
  return null;
}

function segment(skb: SkBuff, headers: number, at: number, length: number, gathers: boolean): SkBuff | null {
  const shares = gathers && countPieces(skb, at, length) <= MAX_SKB_FRAGS;
  const headroom = HEADROOM + skbDev(skb).hardHeaderLen;
  const part = skb.pool.alloc(headroom + headers + (shares ? 0 : length));
  if (part === null) return null;
  part.reserve(headroom);
  part.put(headers);
  skb.arena.copy(part.data, skb.data, headers);
  skbCopyHeader(part, skb);
  const by = part.data - skb.data;
  part.macHeader = part.data;
  part.networkHeader = skb.networkHeader + by;
  part.transportHeader = skb.transportHeader + by;
  if (shares) shareBytes(part, skb, at, length);
  else skbCopyBits(skb, at, part.put(length), length);
  return part;
}

/** In how many pieces `length` bytes from `at` lie. */
function countPieces(skb: SkBuff, at: number, length: number): number {
  const { shinfo } = skb;
  const end = at + length;
  let pieces = at < skb.headlen ? 1 : 0;
  let start = skb.headlen;
  for (let i = 0; i < shinfo.nrFrags && start < end; i++) {
    if (at < start + shinfo.fragSize[i]) pieces++;
    start += shinfo.fragSize[i];
  }
  for (let next = shinfo.fragList; next !== null && start < end; next = next.next) {
    if (at < start + next.len)
      pieces += countPieces(next, Math.max(at - start, 0), Math.min(end - start, next.len) - Math.max(at - start, 0));
    start += next.len;
  }
  return pieces;
}

/** Makes the blocks in which the bytes lie fragments of `part` as well. */
function shareBytes(part: SkBuff, skb: SkBuff, at: number, length: number): void {
  const { shinfo } = skb;
  const end = at + length;
  const linear = skb.headlen;
  if (at < linear) share(part, skb.head, skb.data + at - skb.head, Math.min(end, linear) - at);
  let start = linear;
  for (let i = 0; i < shinfo.nrFrags && start < end; i++) {
    const from = Math.max(at, start);
    const to = Math.min(end, start + shinfo.fragSize[i]);
    if (from < to) share(part, shinfo.fragPage[i], shinfo.fragOffset[i] + from - start, to - from);
    start += shinfo.fragSize[i];
  }
  for (let next = shinfo.fragList; next !== null && start < end; next = next.next) {
    const from = Math.max(at, start);
    const to = Math.min(end, start + next.len);
    if (from < to) shareBytes(part, next, from - start, to - from);
    start += next.len;
  }
}

function share(part: SkBuff, block: number, offset: number, size: number): void {
  part.arena.hold(block);
  part.addFrag(block, offset, size, size);
}
