import { Qdisc, qdiscPktLen } from '@stack/netdev';
import { DropReason, type SkBuff } from '@stack/skb';

/**
 * A discipline that cannot tell which packet comes next without taking it out: it drops on the way, or spends tokens.
 * A packet that was looked at is kept apart until it is asked for, and counts as waiting.
 *
 * @kernel include/net/sch_generic.h qdisc_peek_dequeued()
 */
export abstract class AheadQdisc extends Qdisc {
  ahead: SkBuff | null = null;

  /** Takes the next packet out, counted with {@link dequeued}. */
  protected abstract next(): SkBuff | null;
  /** Drops everything that waits, with the reason QUEUE_PURGE, and forgets what it learned. */
  protected abstract purge(): void;

  /** @kernel include/net/sch_generic.h qdisc_dequeue_peeked() */
  dequeue(): SkBuff | null {
    const skb = this.ahead;
    if (skb === null) return this.next();
    this.ahead = null;
    this.qlen--;
    this.backlog -= qdiscPktLen(skb);
    return skb;
  }

  peek(): SkBuff | null {
    if (this.ahead !== null) return this.ahead;
    const skb = this.next();
    if (skb === null) return null;
    this.ahead = skb;
    this.enqueued(skb);
    return skb;
  }

  reset(): void {
    const skb = this.ahead;
    this.ahead = null;
    if (skb !== null) skb.drop(DropReason.QUEUE_PURGE);
    this.purge();
    this.qlen = 0;
    this.backlog = 0;
  }
}
