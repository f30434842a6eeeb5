import { unshareAt } from './expand.ts';
import type { SkBuff } from './skbuff.ts';

/**
 * Cuts a packet with fragments, or one that is cloned, to `length` bytes. False when memory is lacking.
 *
 * @kernel net/core/skbuff.c ___pskb_trim()
 */
export function pskbTrim(skb: SkBuff, length: number): boolean {
  if (!unshareAt(skb, length)) return false;
  const linear = skb.headlen;
  if (length <= linear) {
    trimFrags(skb, 0);
    skb.tail = skb.data + length;
  } else {
    trimFrags(skb, length - linear);
  }
  skb.dataLen = Math.max(0, length - linear);
  skb.len = length;
  return true;
}

/** Leaves `keep` bytes in fragments and the fragment list. */
function trimFrags(skb: SkBuff, keep: number): void {
  const { arena, shinfo } = skb;
  let left = keep;
  let kept = 0;
  for (let i = 0; i < shinfo.nrFrags; i++) {
    if (left === 0) {
      arena.release(shinfo.fragPage[i]);
      continue;
    }
    shinfo.fragSize[i] = Math.min(shinfo.fragSize[i], left);
    left -= shinfo.fragSize[i];
    kept++;
  }
  shinfo.nrFrags = kept;
  trimList(skb, left);
}

function trimList(skb: SkBuff, keep: number): void {
  let left = keep;
  let last: SkBuff | null = null;
  let part = skb.shinfo.fragList;
  while (part !== null && left > 0) {
    if (part.len > left) part.trim(left);
    left -= part.len;
    last = part;
    part = part.next;
  }
  if (last === null) skb.shinfo.fragList = null;
  else last.next = null;
  while (part !== null) {
    const next: SkBuff | null = part.next;
    part.next = null;
    part.consume();
    part = next;
  }
}
