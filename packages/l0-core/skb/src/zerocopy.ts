import type { SkBuff } from './skbuff.ts';

/** Bytes of an application that buffers have for a time. @kernel include/linux/skbuff.h struct ubuf_info */
export interface SharedBytes {
  /** They went out by a device that cannot reach where the application has them. */
  copied: boolean;
  /** One more buffer has some of them. */
  get(): void;
  /** One lets go. */
  put(): void;
}

/** Fragments of `skb` are of `bytes`, and of no other application's: a buffer tells one owner. @kernel include/linux/skbuff.h skb_zcopy_set() */
export function skbZcopySet(skb: SkBuff, bytes: SharedBytes): void {
  if (skb.shinfo.uarg === bytes) return;
  bytes.get();
  skb.shinfo.uarg = bytes;
}

/** A device has copied the bytes: their owner may have them back, unless clones have them too. @kernel include/linux/skbuff.h skb_orphan_frags() */
export function skbOrphanFrags(skb: SkBuff): void {
  const { shinfo } = skb;
  const { uarg } = shinfo;
  if (uarg === null) return;
  uarg.copied = true;
  if (skb.isCloned) return;
  shinfo.uarg = null;
  uarg.put();
}

/** `to` got fragments of `from`, and whose they are. @kernel net/core/skbuff.c skb_zerocopy_clone() */
export function skbZerocopyClone(to: SkBuff, from: SkBuff): void {
  if (from.shinfo.uarg !== null) skbZcopySet(to, from.shinfo.uarg);
}
