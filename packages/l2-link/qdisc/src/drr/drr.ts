import { FilterChain, NET_XMIT_SUCCESS, qdiscPktLen, type NetdevQueue, type QdiscKind } from '@stack/netdev';
import type { SkBuff } from '@stack/skb';
import { AheadQdisc } from '../base/ahead.ts';
import { enqueueBelow } from '../base/child.ts';
import { classify } from '../base/classify.ts';
import { refuse } from '../base/refuse.ts';
import { DrrClasses, type DrrClass } from './class.ts';

/**
 * Deficit round robin: the classes that have packets take turns, and each gets bytes in proportion to its quantum.
 * Packets for which filters find no class are dropped.
 *
 * @kernel net/sched/sch_drr.c drr_qdisc_ops
 */
class Drr extends AheadQdisc {
  readonly kind = 'drr';
  override readonly classes: DrrClasses = new DrrClasses(this);
  override readonly filters = new FilterChain();

  /** @kernel net/sched/sch_drr.c drr_enqueue() */
  enqueue(skb: SkBuff): number {
    const found = classify(this.handle, this.filters, skb);
    const cl = this.classes.find(found);
    if (cl === null) return refuse(this, skb, found);
    const answer = enqueueBelow(this, cl.qdisc, skb);
    if (answer === NET_XMIT_SUCCESS && cl.ring === null) {
      this.classes.active.push(cl);
      cl.deficit = cl.quantum;
    }
    return answer;
  }

  /** @kernel net/sched/sch_drr.c drr_dequeue() */
  protected next(): SkBuff | null {
    const { active } = this.classes;
    for (let cl = active.first; cl !== null; cl = active.first) {
      const first = cl.qdisc.peek();
      if (first === null) {
        // It dropped all it had, or it holds them back.
        if (cl.ring === null) continue;
        return null;
      }
      const bytes = qdiscPktLen(first);
      if (bytes <= cl.deficit) return this.#take(cl, bytes);
      cl.deficit += cl.quantum;
      active.rotate();
    }
    return null;
  }

  #take(cl: DrrClass, bytes: number): SkBuff | null {
    const skb = cl.qdisc.dequeue();
    if (skb === null) return null;
    cl.deficit -= bytes;
    if (cl.qdisc.qlen === 0) this.classes.active.remove(cl);
    this.dequeued(skb);
    return skb;
  }

  protected purge(): void {
    this.classes.reset();
  }

  override destroy(): void {
    for (const cl of this.classes.all) cl.qdisc.destroy?.();
  }
}

export const drrKind: QdiscKind = { kind: 'drr', create: (queue: NetdevQueue) => new Drr(queue) };
