import type { Address } from '@stack/memory';
import { traceBorn, tracing } from '@stack/trace';
import { skbCopyBits } from './bits.ts';
import { CB_WORDS } from './constants.ts';
import type { SkBuff } from './skbuff.ts';
import { skbZerocopyClone } from './zerocopy.ts';

/**
 * A second buffer over the same bytes. Neither may write them while both live. Always succeeds: it takes no memory
 * of the arena. The clone has no socket and no list.
 *
 * @kernel net/core/skbuff.c skb_clone()
 */
export function skbClone(skb: SkBuff): SkBuff {
  const clone = skb.pool.object();
  share(clone, skb);
  if (tracing.on) traceBorn(clone, skb);
  return clone;
}

/**
 * Makes `skb`, which lets go of its own bytes and of its socket, a clone of `from`: whoever holds `skb` holds another packet
 * from now on.
 *
 * @kernel net/core/skbuff.c skb_morph()
 */
export function skbMorph(skb: SkBuff, from: SkBuff): void {
  skb.orphan();
  skb.pool.releaseData(skb);
  skb.nohdr = false;
  share(skb, from);
  if (tracing.on) traceBorn(skb, from);
}

/** @kernel net/core/skbuff.c __skb_clone() */
function share(clone: SkBuff, skb: SkBuff): void {
  skb.pool.recycleShared(clone.shinfo);
  clone.shinfo = skb.shinfo;
  clone.shinfo.dataref++;
  copyHeader(clone, skb);
  clone.head = skb.head;
  clone.end = skb.end;
  clone.data = skb.data;
  clone.tail = skb.tail;
  clone.macHeader = skb.macHeader;
  clone.networkHeader = skb.networkHeader;
  clone.transportHeader = skb.transportHeader;
  clone.csumStart = skb.csumStart;
  clone.truesize = skb.truesize;
  clone.len = skb.len;
  clone.dataLen = skb.dataLen;
  clone.headFrag = skb.headFrag;
  clone.cloned = true;
  skb.cloned = true;
}

/**
 * What a handler does first that will change or keep a packet which others may own too: gives back the packet if it
 * is the only owner, else a clone in exchange for its share.
 *
 * @kernel include/linux/skbuff.h skb_share_check()
 */
export function skbShareCheck(skb: SkBuff): SkBuff {
  if (!skb.shared) return skb;
  const clone = skbClone(skb);
  skb.consume();
  return clone;
}

/**
 * A linear buffer of its own with the same bytes and `headroom` bytes of room in front. Null when memory is lacking
 * or the packet is larger than a block.
 *
 * @kernel net/core/skbuff.c skb_copy()
 */
export function skbCopy(skb: SkBuff, headroom: number = skb.headroom): SkBuff | null {
  const copy = headroom + skb.len > 65_536 ? null : skb.pool.alloc(headroom + skb.len);
  if (copy === null) return null;
  copy.reserve(headroom);
  skbCopyBits(skb, 0, copy.put(skb.len), skb.len);
  copyHeader(copy, skb);
  shiftHeaders(copy, skb, copy.data - skb.data);
  copyGso(copy, skb);
  if (tracing.on) traceBorn(copy, skb);
  return copy;
}

/**
 * A buffer with a head of its own that shares the fragments: for a driver or retransmission that must write headers.
 * Null when memory is lacking.
 *
 * @kernel net/core/skbuff.c __pskb_copy()
 */
export function pskbCopy(skb: SkBuff, headroom: number = skb.headroom): SkBuff | null {
  const copy = skb.pool.alloc(headroom + skb.headlen);
  if (copy === null) return null;
  copy.reserve(headroom);
  const from = skb.data;
  const to = copy.put(skb.headlen);
  skb.arena.copy(to, from, skb.headlen);
  copyHeader(copy, skb);
  shiftHeaders(copy, skb, to - from);
  shareFrags(copy, skb);
  copyGso(copy, skb);
  if (tracing.on) traceBorn(copy, skb);
  return copy;
}

/** @kernel net/core/skbuff.c __copy_skb_header() */
export function copyHeader(to: SkBuff, from: SkBuff): void {
  to.dev = from.dev;
  to.dst = from.dst;
  to.protocol = from.protocol;
  to.pktType = from.pktType;
  to.ipSummed = from.ipSummed;
  to.csumLevel = from.csumLevel;
  to.csum = from.csum;
  to.csumOffset = from.csumOffset;
  to.macLen = from.macLen;
  to.ignoreDf = from.ignoreDf;
  to.dstPendingConfirm = from.dstPendingConfirm;
  to.priority = from.priority;
  to.mark = from.mark;
  to.hash = from.hash;
  to.queueMapping = from.queueMapping;
  to.vlanPresent = from.vlanPresent;
  to.vlanTci = from.vlanTci;
  to.napiId = from.napiId;
  to.tstamp = from.tstamp;
  to.nfct = from.nfct;
  to.nfctInfo = from.nfctInfo;
  for (let i = 0; i < CB_WORDS; i++) to.cb[i] = from.cb[i];
}

/** Sets header addresses from another buffer's, whose bytes lie `by` further down. @internal */
export function shiftHeaders(to: SkBuff, from: SkBuff, by: number): void {
  to.macHeader = shifted(from.macHeader, by);
  to.networkHeader = shifted(from.networkHeader, by);
  to.transportHeader = shifted(from.transportHeader, by);
  to.csumStart = shifted(from.csumStart, by);
}

function shifted(address: Address, by: number): Address {
  return address === 0 ? 0 : address + by;
}

function copyGso(to: SkBuff, from: SkBuff): void {
  to.shinfo.gsoSize = from.shinfo.gsoSize;
  to.shinfo.gsoSegs = from.shinfo.gsoSegs;
  to.shinfo.gsoType = from.shinfo.gsoType;
}

/** The fragments of `from` become fragments of `to` as well; a fragment list is cloned. @internal */
export function shareFrags(to: SkBuff, from: SkBuff): void {
  const shared = from.shinfo;
  for (let i = 0; i < shared.nrFrags; i++) {
    from.arena.hold(shared.fragPage[i]);
    to.addFrag(shared.fragPage[i], shared.fragOffset[i], shared.fragSize[i], 0);
  }
  skbZerocopyClone(to, from);
  to.truesize += from.dataLen;
  to.shinfo.fragList = cloneList(shared.fragList);
  to.len = from.len;
  to.dataLen = from.dataLen;
}

/** Clones of all buffers of a fragment list, linked like these. @internal @kernel net/core/skbuff.c skb_clone_fraglist() */
export function cloneList(first: SkBuff | null): SkBuff | null {
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
