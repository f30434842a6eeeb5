import type { SkBuff } from './skbuff.ts';

/**
 * A doubly linked queue of buffers, through their `next` and `prev`. A buffer is in one queue at a time.
 *
 * @kernel include/linux/skbuff.h struct sk_buff_head
 */
export class SkbQueue {
  first: SkBuff | null = null;
  last: SkBuff | null = null;
  length = 0;

  get empty(): boolean {
    return this.first === null;
  }

  /** @kernel include/linux/skbuff.h __skb_queue_tail() */
  push(skb: SkBuff): void {
    skb.next = null;
    skb.prev = this.last;
    if (this.last === null) this.first = skb;
    else this.last.next = skb;
    this.last = skb;
    this.length++;
  }

  /** @kernel include/linux/skbuff.h __skb_queue_head() */
  unshift(skb: SkBuff): void {
    skb.prev = null;
    skb.next = this.first;
    if (this.first === null) this.last = skb;
    else this.first.prev = skb;
    this.first = skb;
    this.length++;
  }

  /** @kernel include/linux/skbuff.h __skb_dequeue() */
  shift(): SkBuff | null {
    const skb = this.first;
    if (skb !== null) this.remove(skb);
    return skb;
  }

  /** @kernel include/linux/skbuff.h __skb_dequeue_tail() */
  pop(): SkBuff | null {
    const skb = this.last;
    if (skb !== null) this.remove(skb);
    return skb;
  }

  /** @kernel include/linux/skbuff.h __skb_queue_after() */
  insertAfter(place: SkBuff, skb: SkBuff): void {
    if (place === this.last) return this.push(skb);
    skb.prev = place;
    skb.next = place.next;
    place.next!.prev = skb;
    place.next = skb;
    this.length++;
  }

  /** @kernel include/linux/skbuff.h __skb_unlink() */
  remove(skb: SkBuff): void {
    if (skb.prev === null) this.first = skb.next;
    else skb.prev.next = skb.next;
    if (skb.next === null) this.last = skb.prev;
    else skb.next.prev = skb.prev;
    skb.next = null;
    skb.prev = null;
    this.length--;
  }

  /** Frees all, without counting drops. @kernel net/core/skbuff.c skb_queue_purge() */
  purge(): void {
    for (let skb = this.shift(); skb !== null; skb = this.shift()) skb.consume();
  }

  /** Frees all and counts each with the reason. */
  dropAll(reason: number): void {
    for (let skb = this.shift(); skb !== null; skb = this.shift()) skb.drop(reason);
  }
}
