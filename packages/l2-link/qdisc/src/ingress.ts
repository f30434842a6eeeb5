import { FilterChain, NET_XMIT_DROP, Qdisc, TC_ACT_SHOT, TC_ACT_STOLEN, type QdiscKind } from '@stack/netdev';
import { DropReason, dropFaulty, type SkBuff } from '@stack/skb';

/**
 * Filters and actions for what the device receives. Nothing waits here.
 *
 * @kernel net/sched/sch_ingress.c ingress_qdisc_ops
 */
class Ingress extends Qdisc {
  readonly kind = 'ingress';
  override readonly filters = new FilterChain();

  /**
   * What the filters make of a packet whose `data` is behind the link-layer header. False when it goes no further.
   *
   * @kernel net/core/dev.c sch_handle_ingress()
   */
  receive(skb: SkBuff): boolean {
    this.packets += skb.shinfo.gsoSegs > 1 ? skb.shinfo.gsoSegs : 1;
    this.bytes += skb.len + skb.macLen;
    const verdict = this.#ask(skb);
    if (verdict === TC_ACT_STOLEN) return false;
    if (verdict !== TC_ACT_SHOT) return true;
    this.drop(skb, DropReason.TC_INGRESS);
    return false;
  }

  /** Filters that fail are asked no more. */
  #ask(skb: SkBuff): number {
    const { id, users, pool } = skb;
    const { dev } = this.queue;
    try {
      return this.filters.classify(skb);
    } catch (error) {
      dev.core.faults.passOn(error);
      this.filters.clear();
      dropFaulty(skb, id, users, pool);
      dev.core.faults.report(dev.core.qdiscKinds.part(this.kind), error);
      return TC_ACT_STOLEN;
    }
  }

  /** Packets to be sent never come here. */
  enqueue(skb: SkBuff): number {
    this.drop(skb, DropReason.QDISC_DROP);
    return NET_XMIT_DROP;
  }

  dequeue(): null {
    return null;
  }

  peek(): null {
    return null;
  }

  reset(): void {}

  override destroy(): void {
    this.filters.clear();
  }
}

export const ingressKind: QdiscKind = {
  kind: 'ingress',
  create: (queue) => new Ingress(queue),
  attach(qdisc, dev) {
    const ingress = qdisc as Ingress;
    dev.ingress = { qdisc, handle: (skb) => ingress.receive(skb) };
  },
};
