import { MAX_SKB_FRAGS, skbZcopySet, type SkBuff } from '@stack/skb';
import { msgZerocopyRealloc, skWmemQueuedAdd, skWmemSchedule, type ZerocopyCalls } from '@stack/sock';
import { END_SEQ, PCOUNT, TX_BITS, TXF_PURE_ZEROCOPY } from '../cb.ts';
import { FRAG_PAGE, skPageFragRefill } from '../output/alloc.ts';
import type { TcpSock } from '../sock.ts';

/** The application's memory is pages of this size, in bytes; each buffer of a call is taken to begin a page. */
const PAGE_SIZE = 4096;

/** A call with MSG_ZEROCOPY of `size` bytes begins. Null: too much is to be told that nobody reads. */
export function zerocopyCall(sk: TcpSock, size: number): ZerocopyCalls | null {
  const tail = sk.hasUnsent ? sk.writeQueue.last : null;
  return msgZerocopyRealloc(sk, size, tail === null ? null : tail.shinfo.uarg, sk.tcp.net.optmemMax);
}

/** Whether pages of `calls` may join those in `skb`: a buffer tells one only. */
export function canTakePage(skb: SkBuff, calls: ZerocopyCalls): boolean {
  const { uarg, nrFrags } = skb.shinfo;
  return nrFrags < MAX_SKB_FRAGS && (uarg === null || uarg === calls);
}

/**
 * Makes bytes of the caller's part of `skb`: to the end of their page, of which `within` have been taken. They are copied here, but
 * counted as what they are in Linux: pages of the caller's. Returns how many, 0 without memory.
 *
 * @kernel net/core/skbuff.c skb_zerocopy_iter_stream()
 */
export function takePage(
  sk: TcpSock,
  skb: SkBuff,
  calls: ZerocopyCalls,
  bytes: Uint8Array,
  from: number,
  most: number,
  within: number,
): number {
  const { tcp } = sk;
  const n = Math.min(most, PAGE_SIZE - (within % PAGE_SIZE));
  if (FRAG_PAGE - tcp.fragOffset < n) tcp.fragOffset = FRAG_PAGE; // a page is one fragment
  if (!skPageFragRefill(tcp) || !skWmemSchedule(sk, n)) return 0;
  tcp.arena.u8.set(bytes.subarray(from, from + n), tcp.fragPage + tcp.fragOffset);
  tcp.arena.hold(tcp.fragPage);
  if (skb.len === 0) skb.cb[TX_BITS] |= TXF_PURE_ZEROCOPY;
  skb.addFrag(tcp.fragPage, tcp.fragOffset, n, PAGE_SIZE);
  skbZcopySet(skb, calls);
  tcp.fragOffset = Math.min(tcp.fragOffset + n + 1, FRAG_PAGE); // what is copied next is no continuation of the page
  skWmemQueuedAdd(sk, PAGE_SIZE);
  sk.snd.writeSeq = (sk.snd.writeSeq + n) | 0;
  skb.cb[END_SEQ] += n;
  skb.cb[PCOUNT] = 0;
  return n;
}
