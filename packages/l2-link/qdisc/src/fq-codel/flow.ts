import { qdiscPktLen } from '@stack/netdev';
import { DropReason, SkbQueue, type SkBuff } from '@stack/skb';
import type { Ring, RingNode } from '../base/ring.ts';
import { CodelState, type CodelSource } from '../codel/control.ts';
import type { FqCodel } from './fq-codel.ts';

/** One of the queues over which packets are spread. @kernel net/sched/sch_fq_codel.c struct fq_codel_flow */
export class FqCodelFlow implements CodelSource, RingNode<FqCodelFlow> {
  readonly index: number;
  readonly packets = new SkbQueue();
  readonly codel = new CodelState();
  backlog = 0;
  /** Bytes that it may still send in this round. */
  deficit = 0;
  ring: Ring<FqCodelFlow> | null = null;
  before: FqCodelFlow | null = null;
  after: FqCodelFlow | null = null;
  readonly #qdisc: FqCodel;

  constructor(qdisc: FqCodel, index: number) {
    this.#qdisc = qdisc;
    this.index = index;
  }

  push(skb: SkBuff): void {
    this.packets.push(skb);
    this.backlog += qdiscPktLen(skb);
  }

  /** Takes one out of the flow; the discipline counts it as waiting, but not its bytes. */
  codelShift(): SkBuff | null {
    const skb = this.packets.shift();
    if (skb === null) return null;
    const bytes = qdiscPktLen(skb);
    this.backlog -= bytes;
    this.#qdisc.backlog -= bytes;
    this.#qdisc.memoryUsage -= skb.truesize;
    return skb;
  }

  codelBacklog(): number {
    return this.#qdisc.backlog;
  }

  codelDrop(skb: SkBuff): void {
    this.#qdisc.dropTaken(skb, DropReason.QDISC_CONGESTED);
  }

  reset(): void {
    this.packets.dropAll(DropReason.QUEUE_PURGE);
    this.codel.reset();
    this.backlog = 0;
  }
}
