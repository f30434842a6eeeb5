import { DropReason } from '@stack/skb';
import type { Ring, RingNode } from '../base/ring.ts';
import type { TimedNode } from '../base/time-heap.ts';
import { TimedQueue } from '../base/timed-queue.ts';

/** One flow. @kernel net/sched/sch_fq.c struct fq_flow */
export class FqFlow implements RingNode<FqFlow>, TimedNode {
  readonly packets = new TimedQueue();
  /** The flow's hash, and the next one in its bucket. */
  key = 0;
  nextInBucket: FqFlow | null = null;
  band = 0;
  /** Bytes that it may still send in this round. */
  credit = 0;
  /** When the rate lets the next packet go, ns. */
  timeNextPacket = 0;
  /** When it ran empty, ns. */
  idleSince = 0;
  ring: Ring<FqFlow> | null = null;
  before: FqFlow | null = null;
  after: FqFlow | null = null;
  at = 0;
  slot = -1;

  /** Neither in its turn nor waiting for a time. @kernel net/sched/sch_fq.c fq_flow_is_detached() */
  get detached(): boolean {
    return this.ring === null && this.slot < 0;
  }

  begin(key: number, band: number, credit: number): void {
    this.key = key;
    this.band = band;
    this.credit = credit;
    this.timeNextPacket = 0;
    this.idleSince = 0;
  }
}

const MOST_LOOKED_AT = 8;
/** A flow so long without packets is forgotten. @kernel net/sched/sch_fq.c FQ_GC_AGE */
const FORGET_AFTER = 3e9;

/** Finds flows by their hash; those that are forgotten are used again. */
export class FqFlowTable {
  readonly #buckets: (FqFlow | null)[];
  #free: FqFlow | null = null;
  /** Flows known, and how many were forgotten. */
  count = 0;
  collected = 0;

  constructor(buckets: number) {
    this.#buckets = new Array<FqFlow | null>(buckets).fill(null);
  }

  /** Flows without packets; counts them. */
  get inactive(): number {
    let found = 0;
    for (const first of this.#buckets) {
      for (let flow = first; flow !== null; flow = flow.nextInBucket) if (flow.detached) found++;
    }
    return found;
  }

  /** The flow, or null. */
  find(key: number, now: number): FqFlow | null {
    const index = key & (this.#buckets.length - 1);
    let looked = 0;
    for (let flow = this.#buckets[index]; flow !== null; flow = flow.nextInBucket) {
      if (flow.key === key) return flow;
      if (++looked === MOST_LOOKED_AT) this.#collect(index, now);
    }
    return null;
  }

  add(key: number, band: number, credit: number): FqFlow {
    const index = key & (this.#buckets.length - 1);
    const flow = this.#free ?? new FqFlow();
    this.#free = this.#free === null ? null : this.#free.nextInBucket;
    flow.begin(key, band, credit);
    flow.nextInBucket = this.#buckets[index];
    this.#buckets[index] = flow;
    this.count++;
    return flow;
  }

  /** Drops all packets and forgets all flows. */
  reset(forget: (flow: FqFlow) => void): void {
    for (let index = 0; index < this.#buckets.length; index++) {
      for (let flow = this.#buckets[index]; flow !== null;) {
        const next: FqFlow | null = flow.nextInBucket;
        flow.packets.dropAll(DropReason.QUEUE_PURGE);
        forget(flow);
        this.#release(flow);
        flow = next;
      }
      this.#buckets[index] = null;
    }
  }

  /** @kernel net/sched/sch_fq.c fq_gc() */
  #collect(index: number, now: number): void {
    let before: FqFlow | null = null;
    for (let flow = this.#buckets[index]; flow !== null;) {
      const next: FqFlow | null = flow.nextInBucket;
      if (flow.detached && now - flow.idleSince > FORGET_AFTER) {
        if (before === null) this.#buckets[index] = next;
        else before.nextInBucket = next;
        this.#release(flow);
        this.collected++;
      } else {
        before = flow;
      }
      flow = next;
    }
  }

  #release(flow: FqFlow): void {
    flow.nextInBucket = this.#free;
    this.#free = flow;
    this.count--;
  }
}
