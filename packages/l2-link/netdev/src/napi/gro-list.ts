import type { SkBuff } from '@stack/skb';

/** How many packets a bucket holds back at most. @kernel net/core/gro.c MAX_GRO_SKBS */
export const MAX_GRO_SKBS = 8;
/** @kernel include/linux/netdevice.h GRO_HASH_BUCKETS */
export const GRO_HASH_BUCKETS = 8;

/**
 * Packets held back to grow, the newest first, linked by `next`.
 *
 * @kernel include/linux/netdevice.h struct gro_list
 */
export class GroList {
  first: SkBuff | null = null;
  count = 0;

  push(skb: SkBuff): void {
    skb.next = this.first;
    this.first = skb;
    this.count++;
  }

  remove(skb: SkBuff): void {
    if (this.first === skb) {
      this.first = skb.next;
    } else {
      let before = this.first!;
      while (before.next !== skb) before = before.next!;
      before.next = skb.next;
    }
    skb.next = null;
    this.count--;
  }

  get oldest(): SkBuff | null {
    let skb = this.first;
    while (skb !== null && skb.next !== null) skb = skb.next;
    return skb;
  }
}
