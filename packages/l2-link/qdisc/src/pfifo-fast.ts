import { DropReason, SkbQueue, type SkBuff } from '@stack/skb';
import {
  NET_XMIT_DROP,
  NET_XMIT_SUCCESS,
  Qdisc,
  TCQ_F_CAN_BYPASS,
  type NetdevQueue,
  type QdiscKind,
} from '@stack/netdev';
import { trace, tracing } from '@stack/trace';

/** @kernel include/uapi/linux/pkt_sched.h TC_PRIO_MAX */
const TC_PRIO_MAX = 15;
const BANDS = 3;
/**
 * The band of each priority: interactive traffic in the first, bulk in the last, best effort between them.
 *
 * @kernel net/sched/sch_generic.c sch_default_prio2band
 */
const PRIO2BAND: readonly number[] = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];

/**
 * Three queues, each of at most `txQueueLen` packets; a later one is served when those before it are empty. The
 * discipline of devices that nobody gave another one.
 *
 * @kernel net/sched/sch_generic.c pfifo_fast_ops
 */
class PfifoFast extends Qdisc {
  readonly kind = 'pfifo_fast';
  readonly #bands: readonly SkbQueue[] = Array.from({ length: BANDS }, () => new SkbQueue());

  constructor(queue: NetdevQueue) {
    super(queue);
    this.flags = TCQ_F_CAN_BYPASS;
  }

  /** @kernel net/sched/sch_generic.c pfifo_fast_enqueue() */
  enqueue(skb: SkBuff): number {
    const band = this.#bands[PRIO2BAND[skb.priority & TC_PRIO_MAX]];
    if (band.length >= this.queue.dev.txQueueLen) {
      this.overlimits++;
      this.drop(skb, DropReason.QDISC_OVERLIMIT);
      return NET_XMIT_DROP;
    }
    if (tracing.on) trace('pfifo_fast_enqueue', skb);
    band.push(skb);
    this.enqueued(skb);
    return NET_XMIT_SUCCESS;
  }

  /** @kernel net/sched/sch_generic.c pfifo_fast_dequeue() */
  dequeue(): SkBuff | null {
    for (let band = 0; band < BANDS; band++) {
      const skb = this.#bands[band].shift();
      if (skb === null) continue;
      if (tracing.on) trace('pfifo_fast_dequeue', skb);
      this.dequeued(skb);
      return skb;
    }
    return null;
  }

  peek(): SkBuff | null {
    return this.#bands[0].first ?? this.#bands[1].first ?? this.#bands[2].first;
  }

  reset(): void {
    for (const band of this.#bands) band.dropAll(DropReason.QUEUE_PURGE);
    this.qlen = 0;
    this.backlog = 0;
  }

  override dump(): Record<string, unknown> {
    return { bands: BANDS, priomap: PRIO2BAND };
  }
}

export const pfifoFastKind: QdiscKind = { kind: 'pfifo_fast', create: (queue) => new PfifoFast(queue) };
