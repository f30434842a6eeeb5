import { MAX_SKB_FRAGS, SIZEOF_SK_BUFF, skbTruesize, type SkBuff } from '@stack/skb';
import { GSO_MAX_SIZE } from '../constants.ts';
import { COUNT, DATA_OFFSET, FREE, FREE_BUFFER, FREE_STOLEN_HEAD, SAME_FLOW } from './gro-cb.ts';

/**
 * Appends the data of `skb`, from its data offset on, to the held packet, without copying: as fragments while there
 * is room for more, else as a further buffer. False when the packet would become too large.
 *
 * @kernel net/core/gro.c skb_gro_receive()
 */
export function skbGroReceive(held: SkBuff, skb: SkBuff): boolean {
  const offset = skb.cb[DATA_OFFSET];
  const length = skb.len - offset;
  if (held.len + length >= GSO_MAX_SIZE) return false;
  const last = held.prev!;
  const room = MAX_SKB_FRAGS - last.shinfo.nrFrags - skb.shinfo.nrFrags;
  let truesize;
  if (skb.isCloned || room < 0) truesize = chain(held, skb, offset);
  else if (skb.headlen <= offset) truesize = moveFrags(last, skb, offset);
  else if (skb.headFrag && room > 0) truesize = stealHead(last, skb, offset);
  else truesize = chain(held, skb, offset);
  grow(held, length, truesize);
  const end = held.prev!;
  // The buffer that was just chained has its data already; one that was chained before has grown.
  if (end !== held && end === last) grow(end, length, truesize);
  held.cb[COUNT] += skb.cb[COUNT];
  skb.cb[SAME_FLOW] = 1;
  return true;
}

function grow(skb: SkBuff, length: number, truesize: number): void {
  skb.len += length;
  skb.dataLen += length;
  skb.truesize += truesize;
}

/** All data are in fragments already: they change their buffer. */
function moveFrags(last: SkBuff, skb: SkBuff, offset: number): number {
  const truesize = skb.truesize - skbTruesize(skb.end - skb.head);
  appendFrags(last, skb, offset - skb.headlen);
  skb.len -= skb.dataLen;
  skb.dataLen = 0;
  skb.shinfo.nrFrags = 0;
  skb.cb[FREE] = FREE_BUFFER;
  return truesize;
}

/** The head becomes a fragment, and the fragments follow. */
function stealHead(last: SkBuff, skb: SkBuff, offset: number): number {
  const into = last.shinfo;
  const index = into.nrFrags;
  into.fragPage[index] = skb.head;
  into.fragOffset[index] = skb.data + offset - skb.head;
  into.fragSize[index] = skb.headlen - offset;
  into.nrFrags = index + 1;
  appendFrags(last, skb, 0);
  skb.cb[FREE] = FREE_STOLEN_HEAD;
  return skb.truesize - SIZEOF_SK_BUFF;
}

/** Moves the fragments, without the first `skip` bytes; they hold their blocks on. */
function appendFrags(last: SkBuff, skb: SkBuff, skip: number): void {
  const from = skb.shinfo;
  const into = last.shinfo;
  let index = into.nrFrags;
  for (let i = 0; i < from.nrFrags; i++, index++) {
    const cut = i === 0 ? skip : 0;
    into.fragPage[index] = from.fragPage[i];
    into.fragOffset[index] = from.fragOffset[i] + cut;
    into.fragSize[index] = from.fragSize[i] - cut;
  }
  into.nrFrags = index;
}

/** The whole buffer, without its headers, follows the last one. */
function chain(held: SkBuff, skb: SkBuff, offset: number): number {
  const last = held.prev!;
  const linear = Math.min(offset, skb.headlen);
  skb.pull(linear);
  if (offset > linear) {
    skb.shinfo.fragOffset[0] += offset - linear;
    skb.shinfo.fragSize[0] -= offset - linear;
    skb.len -= offset - linear;
    skb.dataLen -= offset - linear;
  }
  if (last === held) held.shinfo.fragList = skb;
  else last.next = skb;
  held.prev = skb;
  return skb.truesize;
}
