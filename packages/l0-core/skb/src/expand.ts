import { skbClone, shiftHeaders } from './clone.ts';
import { LARGEST_BLOCK } from '@stack/memory';
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
  old.dataref--;
  skb.shinfo = own;
}

function cloneList(first: SkBuff | null): SkBuff | null {
  let head: SkBuff | null = null;
  let last: SkBuff | null = null;
  for (let skb = first; skb !== null; skb = skb.next) {
    const clone = skbClone(skb);
    if (last === null) head = clone;
    else last.next = clone;
    last = clone;
  }
  return head;
}

/** Makes room to push `bytes` of headers, and the head private. @kernel include/linux/skbuff.h skb_cow_head() */
export function skbCowHead(skb: SkBuff, bytes: number): boolean {
  const lacking = bytes > skb.headroom ? bytes - skb.headroom : 0;
  if (lacking === 0 && !(skb.isCloned && !skb.nohdr)) return true;
  return pskbExpandHead(skb, lacking === 0 ? 0 : (lacking + 63) & ~63, 0);
}

/** Makes the first `bytes` linear and writable. @kernel net/core/skbuff.c skb_ensure_writable() */
export function skbEnsureWritable(skb: SkBuff, bytes: number): boolean {
  if (!skb.mayPull(bytes)) return false;
  return !skb.isCloned || pskbExpandHead(skb, 0, 0);
}
