import { DropReason, SkbQueue } from '@stack/skb';
import type { Ring, RingNode } from '../base/ring.ts';
import { Cobalt } from './cobalt.ts';
import type { CakeTin } from './tin.ts';

/** Hosts with the same hash: how many busy flows come from them, and go to them. @kernel net/sched/sch_cake.c struct cake_host */
export class CakeHost {
  bulkSources = 0;
  bulkDestinations = 0;
}

/** One queue of a tin. @kernel net/sched/sch_cake.c struct cake_flow */
export class CakeFlow implements RingNode<CakeFlow> {
  readonly tin: CakeTin;
  readonly packets = new SkbQueue();
  readonly cobalt = new Cobalt();
  /** The hash to which the queue belongs; 0 while it is free. */
  tag = 0;
  backlog = 0;
  deficit = 0;
  /** Whether it is no longer sparse, and counts at its hosts. */
  bulk = false;
  source: CakeHost | null = null;
  destination: CakeHost | null = null;
  ring: Ring<CakeFlow> | null = null;
  before: CakeFlow | null = null;
  after: CakeFlow | null = null;
  /** Place in the heap of the longest queues, -1 when in none. */
  slot = -1;

  constructor(tin: CakeTin) {
    this.tin = tin;
  }

  reset(): void {
    this.packets.dropAll(DropReason.QUEUE_PURGE);
    this.cobalt.reset();
    this.ring?.remove(this);
    this.tag = 0;
    this.backlog = 0;
    this.deficit = 0;
    this.bulk = false;
    this.source = null;
    this.destination = null;
  }
}
