import { DropReason, type SkBuff } from '@stack/skb';
import { NET_XMIT_CN } from '../constants.ts';
import { Qdisc, TCQ_F_BUILTIN, type QdiscKind } from './qdisc.ts';

export const NOQUEUE = 'noqueue';

/**
 * The discipline of devices that are never busy: packets go straight to the driver.
 *
 * @kernel net/sched/sch_generic.c noqueue_qdisc_ops
 */
class Noqueue extends Qdisc {
  readonly kind = NOQUEUE;
  override flags = TCQ_F_BUILTIN;

  enqueue(skb: SkBuff): number {
    this.drop(skb, DropReason.QDISC_DROP);
    return NET_XMIT_CN;
  }

  dequeue(): SkBuff | null {
    return null;
  }

  peek(): SkBuff | null {
    return null;
  }

  reset(): void {}
}

export const noqueue: QdiscKind = { kind: NOQUEUE, create: (queue) => new Noqueue(queue) };
