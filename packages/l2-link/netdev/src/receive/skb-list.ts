import type { SkBuff } from '@stack/skb';

/**
 * A batch of packets on its way up, linked by `next`: what Linux has in a list_head of skbs. Made once and reused.
 */
export class SkbList {
  first: SkBuff | null = null;
  last: SkBuff | null = null;
  length = 0;

  push(skb: SkBuff): void {
    skb.next = null;
    if (this.last === null) this.first = skb;
    else this.last.next = skb;
    this.last = skb;
    this.length++;
  }

  /** Takes the first one out. */
  shift(): SkBuff | null {
    const skb = this.first;
    if (skb === null) return null;
    this.first = skb.next;
    if (this.first === null) this.last = null;
    skb.next = null;
    this.length--;
    return skb;
  }

  /** Moves all of `other` to the end of this one, and leaves it empty. */
  append(other: SkbList): void {
    if (other.first === null) return;
    if (this.last === null) this.first = other.first;
    else this.last.next = other.first;
    this.last = other.last;
    this.length += other.length;
    other.clear();
  }

  clear(): void {
    this.first = null;
    this.last = null;
    this.length = 0;
  }
}
