import { LARGEST_BLOCK } from '@stack/memory';
import { cloneList, shiftHeaders } from './clone.ts';
import { kmallocRoundup } from './constants.ts';
import type { SkBuff } from './skbuff.ts';

/**
 * Gives the buffer a head of its own with `headroom` and `tailroom` more bytes than now. Fragments are shared with
 * the clones that remain. False, and nothing changed, when memory is lacking. All header addresses move.
 *
 * @kernel net/core/skbuff.c pskb_expand_head()
 */
export function pskbExpandHead(skb: SkBuff, headroom: number, tailroom: number): boolean {
  const { arena } = skb;
  const size = skb.end - skb.head + headroom + tailroom;
  const head = size > LARGEST_BLOCK ? 0 : arena.alloc(size);
  if (head === 0) return false;
  const by = head + headroom - skb.head;
  arena.copy(head + headroom, skb.head, skb.tail - skb.head);
  // A socket that pays for the buffer would give back more than it was charged.
  if (skb.destructor === null) skb.truesize += kmallocRoundup(size) - kmallocRoundup(skb.end - skb.head);
  if (skb.nohdr) skb.shinfo.payloadRefs--;
  if (skb.shinfo.dataref > 1) leaveShared(skb);
  else arena.release(skb.head);
  shiftHeaders(skb, skb, by);
  skb.data += by;
  skb.tail += by;
  skb.head = head;
  skb.end = head + size;
  skb.cloned = false;
  skb.nohdr = false;
  skb.headFrag = false;
  return true;
}

/** Leaves the shared info to the clones and takes one of its own, with the same fragments. */
function leaveShared(skb: SkBuff): void {
  const old = skb.shinfo;
  const own = skb.pool.sharedInfo();
  for (let i = 0; i < old.nrFrags; i++) {
    skb.arena.hold(old.fragPage[i]);
    own.fragPage[i] = old.fragPage[i];
    own.fragOffset[i] = old.fragOffset[i];
    own.fragSize[i] = old.fragSize[i];
  }
  own.nrFrags = old.nrFrags;
  own.fragList = cloneList(old.fragList);
  own.gsoSize = old.gsoSize;
  own.gsoSegs = old.gsoSegs;
  own.gsoType = old.gsoType;
  own.txFlags = old.txFlags;
  own.tskey = old.tskey;
  own.uarg = old.uarg;
  own.uarg?.get();
  old.dataref--;
  skb.shinfo = own;
}

/**
 * Makes the lists of fragments private that a cut at `offset` changes: the buffer's own and that of the part of its
 * fragment list through which the cut goes. False when memory is lacking. @internal
 */
export function unshareAt(skb: SkBuff, offset: number): boolean {
  if (skb.dataLen === 0) return true;
  if (skb.isCloned && !pskbExpandHead(skb, 0, 0)) return false;
  const { shinfo } = skb;
  let start = skb.headlen;
  for (let i = 0; i < shinfo.nrFrags; i++) start += shinfo.fragSize[i];
  for (let part = shinfo.fragList; part !== null && start < offset; part = part.next) {
    if (offset < start + part.len) return unshareAt(part, offset - start);
    start += part.len;
  }
  return true;
}

/** Makes room to push `bytes` of headers, and the head private. @kernel include/linux/skbuff.h skb_cow_head() */
export function skbCowHead(skb: SkBuff, bytes: number): boolean {
  const lacking = bytes > skb.headroom ? bytes - skb.headroom : 0;
  if (lacking === 0 && !skb.headerCloned) return true;
  return pskbExpandHead(skb, lacking === 0 ? 0 : (lacking + 63) & ~63, 0);
}

/** Makes the first `bytes` linear and writable. @kernel net/core/skbuff.c skb_ensure_writable() */
export function skbEnsureWritable(skb: SkBuff, bytes: number): boolean {
  if (!skb.mayPull(bytes)) return false;
  return !skb.isCloned || pskbExpandHead(skb, 0, 0);
}
