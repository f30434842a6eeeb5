import { FilterChain, NET_XMIT_DROP, Qdisc, TC_ACT_OK, TC_ACT_SHOT, TC_ACT_STOLEN } from '@stack/netdev';
import type { NetDevice, QdiscKind } from '@stack/netdev';
import { DropReason, dropFaulty, type SkBuff } from '@stack/skb';

/**
 * Filters and actions for what the device receives. Nothing waits here.
 *
 * @kernel net/sched/sch_ingress.c ingress_qdisc_ops
 */
class Ingress extends Qdisc {
  readonly kind: string = 'ingress';
  override readonly filters = new FilterChain();

  /**
   * What the filters make of a packet whose `data` is behind the link-layer header. False when it goes no further.
   *
   * @kernel net/core/dev.c sch_handle_ingress()
   */
  receive(skb: SkBuff): boolean {
    return this.ask(this.filters, skb, skb.len + skb.macLen, DropReason.TC_INGRESS) === TC_ACT_OK;
  }

  /** TC_ACT_OK, or what became of the packet. Filters that fail are asked no more. */
  protected ask(filters: FilterChain, skb: SkBuff, bytes: number, reason: number): number {
    this.packets += skb.shinfo.gsoSegs > 1 ? skb.shinfo.gsoSegs : 1;
    this.bytes += bytes;
    const { id, users, pool } = skb;
    const { dev } = this.queue;
    try {
      const verdict = filters.classify(skb);
      if (verdict === TC_ACT_SHOT) this.drop(skb, reason);
      return verdict === TC_ACT_SHOT || verdict === TC_ACT_STOLEN ? verdict : TC_ACT_OK;
    } catch (error) {
      dev.core.faults.passOn(error);
      filters.clear();
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

/**
 * The same, and filters for what the device sends besides: they see a packet before the disciplines of its queues do.
 *
 * @kernel net/sched/sch_ingress.c clsact_qdisc_ops
 */
export class Clsact extends Ingress {
  override readonly kind = 'clsact';
  /** Those of `ffff:fff3`. */
  readonly egressFilters = new FilterChain();

  /** What the filters make of a packet with its link-layer header. @kernel net/core/dev.c sch_handle_egress() */
  send(skb: SkBuff): number {
    return this.ask(this.egressFilters, skb, skb.len, DropReason.TC_EGRESS);
  }

  override destroy(): void {
    super.destroy();
    this.egressFilters.clear();
  }
}

function attachIngress(qdisc: Qdisc, dev: NetDevice): void {
  const ingress = qdisc as Ingress;
  dev.ingress = { qdisc, handle: (skb) => ingress.receive(skb) };
}

export const ingressKind: QdiscKind = {
  kind: 'ingress',
  create: (queue) => new Ingress(queue),
  attach: attachIngress,
};

export const clsactKind: QdiscKind = {
  kind: 'clsact',
  create: (queue) => new Clsact(queue),
  attach(qdisc, dev) {
    const clsact = qdisc as Clsact;
    attachIngress(qdisc, dev);
    dev.egress = { handle: (skb) => clsact.send(skb) };
  },
};
