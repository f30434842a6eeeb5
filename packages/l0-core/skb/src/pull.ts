import { skbCopyBits } from './bits.ts';
import { pskbExpandHead, unshareAt } from './expand.ts';
import type { SkBuff } from './skbuff.ts';

/** Room for further headers, when the linear part has to grow. */
const MORE = 128;

/**
 * Moves `bytes` from the fragments to the end of the linear part. The caller has checked that there are as many.
 * False when memory is lacking.
 *
 * @kernel net/core/skbuff.c __pskb_pull_tail()
 */
export function pskbPullTail(skb: SkBuff, bytes: number): boolean {
  const lacking = bytes - (skb.end - skb.tail);
  if (lacking > 0 || skb.isCloned) {
    if (!pskbExpandHead(skb, 0, lacking > 0 ? lacking + MORE : 0)) return false;
  }
  if (!unshareAt(skb, skb.headlen + bytes)) return false;
  skbCopyBits(skb, skb.headlen, skb.tail, bytes);
  dropFragBytes(skb, bytes);
  skb.tail += bytes;
  skb.dataLen -= bytes;
  return true;
}

/**
 * Makes the whole packet linear. False when memory is lacking or it is larger than a block.
 *
 * @kernel include/linux/skbuff.h skb_linearize()
 */
export function skbLinearize(skb: SkBuff): boolean {
  return skb.dataLen === 0 || pskbPullTail(skb, skb.dataLen);
}

/** Takes `bytes` off the front of the fragments. */
export function dropFragBytes(skb: SkBuff, bytes: number): void {
  const { arena, shinfo } = skb;
  let left = bytes;
  let kept = 0;
  for (let i = 0; i < shinfo.nrFrags; i++) {
    const size = shinfo.fragSize[i];
    const eaten = Math.min(left, size);
    left -= eaten;
    if (eaten === size) {
      arena.release(shinfo.fragPage[i]);
      continue;
    }
    shinfo.fragPage[kept] = shinfo.fragPage[i];
    shinfo.fragOffset[kept] = shinfo.fragOffset[i] + eaten;
    shinfo.fragSize[kept] = size - eaten;
    kept++;
  }
  shinfo.nrFrags = kept;
  if (left > 0) dropListBytes(skb, left);
}

function dropListBytes(skb: SkBuff, bytes: number): void {
  let left = bytes;
  let part = skb.shinfo.fragList;
  while (part !== null && left >= part.len) {
    const next: SkBuff | null = part.next;
    left -= part.len;
    part.next = null;
    part.consume();
    part = next;
  }
  skb.shinfo.fragList = part;
  if (part !== null && left > 0) skbAdvance(part, left);
}

/**
 * Takes `bytes` off the front of the packet, from fragments too. False, and nothing changed, when memory is lacking.
 *
 * @kernel net/core/skbuff.c pskb_pull()
 */
export function skbAdvance(skb: SkBuff, bytes: number): boolean {
  const linear = Math.min(bytes, skb.headlen);
  const rest = bytes - linear;
  if (rest > 0 && !unshareAt(skb, bytes)) return false;
  skb.pull(linear);
  if (rest === 0) return true;
  dropFragBytes(skb, rest);
  skb.len -= rest;
  skb.dataLen -= rest;
  return true;
}
