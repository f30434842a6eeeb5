import { FilterChain, Qdisc, type NetdevQueue, type QdiscKind } from '@stack/netdev';
import type { SkBuff } from '@stack/skb';
import { enqueueBelow } from './base/child.ts';
import { classify, NO_MATCH } from './base/classify.ts';
import { LeafClasses } from './base/leaves.ts';
import { minorOf } from './base/handle.ts';
import { badOption, whole } from './base/options.ts';
import { refuse } from './base/refuse.ts';

export interface PrioOptions {
  /** Classes, from `1:1` on; 2 to 16, 3 unless given. */
  bands?: number;
  /** The band, from 0 on, of each of the 16 priorities. */
  priomap?: readonly number[];
}

/** @kernel include/uapi/linux/pkt_sched.h TC_PRIO_MAX, TCQ_PRIO_BANDS */
const TC_PRIO_MAX = 15;
const MOST_BANDS = 16;
const PRIOMAP = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];

/**
 * Classes of which a later one is served when those before it are empty. Filters, or the priority, choose the class.
 *
 * @kernel net/sched/sch_prio.c prio_qdisc_ops
 */
class Prio extends Qdisc {
  readonly kind = 'prio';
  override readonly classes = new LeafClasses(this);
  override readonly filters = new FilterChain();
  #priomap: readonly number[] = PRIOMAP;

  constructor(queue: NetdevQueue, options: PrioOptions) {
    super(queue);
    this.change({ bands: 3, ...options });
  }

  /** @kernel net/sched/sch_prio.c prio_tune() */
  override change(options: PrioOptions): void {
    const bands = whole('prio', 'bands', options.bands ?? this.classes.length, 2, MOST_BANDS);
    const priomap = options.priomap ?? this.#priomap;
    if (priomap.length !== TC_PRIO_MAX + 1 || priomap.some((band) => !(band >= 0 && band < bands))) {
      throw badOption('prio', `the priomap [${priomap.join(' ')}]`, `give 16 bands below ${bands}`);
    }
    this.#priomap = priomap;
    this.classes.resize(bands);
  }

  /** @kernel net/sched/sch_prio.c prio_enqueue() */
  enqueue(skb: SkBuff): number {
    const found = classify(this.handle, this.filters, skb);
    if (found < NO_MATCH) return refuse(this, skb, found);
    const band = found === NO_MATCH ? this.#priomap[skb.priority & TC_PRIO_MAX] : this.#bandOf(found);
    return enqueueBelow(this, this.classes.leaves[band], skb);
  }

  /** @kernel net/sched/sch_prio.c prio_dequeue() */
  dequeue(): SkBuff | null {
    const { leaves } = this.classes;
    for (let band = 0; band < leaves.length; band++) {
      const skb = leaves[band].dequeue();
      if (skb === null) continue;
      this.dequeued(skb);
      return skb;
    }
    return null;
  }

  peek(): SkBuff | null {
    const { leaves } = this.classes;
    for (let band = 0; band < leaves.length; band++) {
      const skb = leaves[band].peek();
      if (skb !== null) return skb;
    }
    return null;
  }

  reset(): void {
    this.classes.reset();
    this.qlen = 0;
    this.backlog = 0;
  }

  override destroy(): void {
    this.classes.destroy();
  }

  override dump(): Record<string, unknown> {
    return { bands: this.classes.length, priomap: this.#priomap };
  }

  #bandOf(classid: number): number {
    const band = minorOf(classid) - 1;
    return band >= 0 && band < this.classes.length ? band : this.#priomap[0];
  }
}

export const prioKind: QdiscKind = { kind: 'prio', create: (queue, options) => new Prio(queue, options) };
