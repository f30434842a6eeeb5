import { MAX_SKB_FRAGS } from './constants.ts';
import { pskbExpandHead } from './expand.ts';
import { dropFragBytes } from './pull.ts';
import type { SkBuff } from './skbuff.ts';

/**
 * Moves the first `length` bytes of `from` to the end of `to`. Fragments move or are shared, never copied, so `from`
 * must have all its bytes in fragments; `to` keeps them in as few as can be. `truesize` moves along. False, with
 * nothing changed, when `from` has linear bytes, either has an application's bytes, `to` has no room for more
 * fragments, or memory is lacking.
 *
 * @kernel net/core/skbuff.c skb_shift()
 */
export function skbShift(to: SkBuff, from: SkBuff, length: number): boolean {
  if (from.headlen > 0 || to.shinfo.uarg !== null || from.shinfo.uarg !== null) return false;
  const joins = continues(to, from);
  if (to.shinfo.nrFrags + fragsIn(from, length) - (joins ? 1 : 0) > MAX_SKB_FRAGS) return false;
  if (!unclone(to) || !unclone(from)) return false;
  const { fragPage, fragOffset, fragSize } = from.shinfo;
  for (let i = 0, left = length; left > 0; i++) {
    const size = Math.min(left, fragSize[i]);
    left -= size;
    if (i === 0 && joins) {
      to.shinfo.fragSize[to.shinfo.nrFrags - 1] += size;
      to.len += size;
      to.dataLen += size;
    } else {
      to.arena.hold(fragPage[i]);
      to.addFrag(fragPage[i], fragOffset[i], size, 0);
    }
  }
  dropFragBytes(from, length);
  from.len -= length;
  from.dataLen -= length;
  from.truesize -= length;
  to.truesize += length;
  return true;
}

/** Whether the first fragment of `from` lies behind the last one of `to`. */
function continues(to: SkBuff, from: SkBuff): boolean {
  const { shinfo } = to;
  const last = shinfo.nrFrags - 1;
  return (
    last >= 0 &&
    from.shinfo.fragPage[0] === shinfo.fragPage[last] &&
    from.shinfo.fragOffset[0] === shinfo.fragOffset[last] + shinfo.fragSize[last]
  );
}

/** Fragments that hold the first `length` bytes. */
function fragsIn({ shinfo }: SkBuff, length: number): number {
  let count = 0;
  for (let left = length; left > 0; count++) left -= shinfo.fragSize[count];
  return count;
}

/** Fragments may not change under the eyes of a clone. The charge stays what it was. @kernel include/linux/skbuff.h skb_unclone_keeptruesize() */
function unclone(skb: SkBuff): boolean {
  if (!skb.isCloned) return true;
  const { truesize } = skb;
  if (!pskbExpandHead(skb, 0, 0)) return false;
  skb.truesize = truesize;
  return true;
}
