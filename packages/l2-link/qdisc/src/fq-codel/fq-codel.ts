import { FilterChain, NET_XMIT_CN, NET_XMIT_SUCCESS, qdiscPktLen } from '@stack/netdev';
import { TCQ_F_CAN_BYPASS, type NetdevQueue, type QdiscKind } from '@stack/netdev';
import { reciprocalScale, skbGetHash, DropReason, type SkBuff } from '@stack/skb';
import { AheadQdisc } from '../base/ahead.ts';
import { setCbTime } from '../base/cb.ts';
import { classify, NO_MATCH, SHOT } from '../base/classify.ts';
import { minorOf } from '../base/handle.ts';
import { refuse } from '../base/refuse.ts';
import { Ring } from '../base/ring.ts';
import { CodelConfig, CodelStats, pschedMtu } from '../codel/control.ts';
import { FqCodelFlow } from './flow.ts';
import { FqCodelConfig, selectorOf, type FqCodelOptions } from './options.ts';

/**
 * Spreads flows over queues that take turns, each with CoDel; flows that just begin go first.
 *
 * @kernel net/sched/sch_fq_codel.c fq_codel_qdisc_ops
 * @rfc 8290
 */
export class FqCodel extends AheadQdisc {
  readonly kind = 'fq_codel';
  override readonly filters = new FilterChain();
  /** Bytes of memory that the packets take. */
  memoryUsage = 0;
  readonly #config: FqCodelConfig;
  readonly #codel: CodelConfig;
  readonly #stats = new CodelStats();
  readonly #flows: readonly FqCodelFlow[];
  readonly #newFlows = new Ring<FqCodelFlow>();
  readonly #oldFlows = new Ring<FqCodelFlow>();
  #newFlowCount = 0;
  #dropOverlimit = 0;
  #dropOvermemory = 0;
  /** Dropped by CoDel in the call that runs. */
  #dropped = 0;
  #droppedBytes = 0;

  constructor(queue: NetdevQueue, options: FqCodelOptions) {
    super(queue);
    const mtu = pschedMtu(this);
    this.#codel = new CodelConfig(mtu, true);
    this.#config = new FqCodelConfig(mtu);
    this.#configure(options, false);
    this.#flows = Array.from({ length: this.#config.flows }, (_, index) => new FqCodelFlow(this, index));
  }

  /** @kernel net/sched/sch_fq_codel.c fq_codel_change() */
  override change(options: FqCodelOptions): void {
    this.#configure(options, true);
    const { qlen, backlog } = this;
    while (this.#overLimit()) if (this.#dropFromFattest(1) === null) break;
    this.treeReduceBacklog(qlen - this.qlen, backlog - this.backlog);
  }

  #configure(options: FqCodelOptions, created: boolean): void {
    this.#config.change(options, created);
    this.#codel.change(options);
    if (options.ceThresholdSelector !== undefined) Object.assign(this.#codel, selectorOf(options.ceThresholdSelector));
    this.flags = this.#config.limit >= 1 ? this.flags | TCQ_F_CAN_BYPASS : this.flags & ~TCQ_F_CAN_BYPASS;
  }

  /** @kernel net/sched/sch_fq_codel.c fq_codel_enqueue() */
  enqueue(skb: SkBuff): number {
    const index = this.#indexOf(skb);
    if (index < 0) return refuse(this, skb, index);
    const bytes = qdiscPktLen(skb);
    const flow = this.#flows[index];
    setCbTime(skb, this.queue.dev.core.clock.now());
    flow.push(skb);
    this.qlen++;
    this.backlog += bytes;
    this.memoryUsage += skb.truesize;
    if (flow.ring === null) {
      this.#newFlows.push(flow);
      this.#newFlowCount++;
      flow.deficit = this.#config.quantum;
    }
    return this.#overLimit() ? this.#makeRoom(flow, bytes) : NET_XMIT_SUCCESS;
  }

  /** The index of the packet's flow. @kernel net/sched/sch_fq_codel.c fq_codel_classify() */
  #indexOf(skb: SkBuff): number {
    const found = classify(this.handle, this.filters, skb);
    if (found < NO_MATCH) return found;
    if (found === NO_MATCH) return reciprocalScale(skbGetHash(skb), this.#flows.length);
    const index = minorOf(found) - 1;
    return index >= 0 && index < this.#flows.length ? index : SHOT;
  }

  #overLimit(): boolean {
    return this.qlen > this.#config.limit || this.memoryUsage > this.#config.memoryLimit;
  }

  /** Drops a batch. The packet that just came counts as the one dropped when its flow is the largest. */
  #makeRoom(flow: FqCodelFlow, bytes: number): number {
    const { qlen, backlog } = this;
    const overMemory = this.memoryUsage > this.#config.memoryLimit;
    const victim = this.#dropFromFattest(this.#config.dropBatch);
    const dropped = qlen - this.qlen;
    this.#dropOverlimit += dropped;
    if (overMemory) this.#dropOvermemory += dropped;
    const own = victim === flow;
    this.treeReduceBacklog(own ? dropped - 1 : dropped, backlog - this.backlog - (own ? bytes : 0));
    return own ? NET_XMIT_CN : NET_XMIT_SUCCESS;
  }

  /** Up to `most` packets, and half of what the flow has. @kernel net/sched/sch_fq_codel.c fq_codel_drop() */
  #dropFromFattest(most: number): FqCodelFlow | null {
    let victim = this.#flows[0];
    for (let i = 1; i < this.#flows.length; i++) if (this.#flows[i].backlog > victim.backlog) victim = this.#flows[i];
    const enough = victim.backlog - Math.floor(victim.backlog / 2);
    let dropped = 0;
    do {
      const skb = victim.codelShift();
      if (skb === null) return dropped > 0 ? victim : null;
      this.dropTaken(skb, DropReason.QDISC_OVERLIMIT);
      dropped++;
    } while (dropped < most && victim.backlog > enough);
    // CoDel shall drop more of this flow.
    victim.codel.count += dropped;
    return victim;
  }

  /** @internal Drops a packet that was taken out of its flow. */
  dropTaken(skb: SkBuff, reason: number): void {
    this.qlen--;
    this.#dropped++;
    this.#droppedBytes += qdiscPktLen(skb);
    this.drop(skb, reason);
  }

  /** @kernel net/sched/sch_fq_codel.c fq_codel_dequeue() */
  protected next(): SkBuff | null {
    this.#dropped = this.#droppedBytes = 0;
    const now = this.queue.dev.core.clock.now();
    for (;;) {
      const flow = this.#newFlows.first ?? this.#oldFlows.first;
      if (flow === null) break;
      if (flow.deficit <= 0) {
        flow.deficit += this.#config.quantum;
        this.#toOld(flow);
        continue;
      }
      const skb = flow.codel.dequeue(flow, this.#codel, this.#stats, now);
      if (skb === null) {
        this.#ranEmpty(flow);
        continue;
      }
      const bytes = qdiscPktLen(skb);
      flow.deficit -= bytes;
      this.backlog += bytes;
      this.dequeued(skb);
      this.treeReduceBacklog(this.#dropped, this.#droppedBytes);
      return skb;
    }
    this.treeReduceBacklog(this.#dropped, this.#droppedBytes);
    return null;
  }

  /** A new flow that ran empty waits for its turn among the old ones, so that it cannot be new all the time. */
  #ranEmpty(flow: FqCodelFlow): void {
    if (flow.ring === this.#newFlows && this.#oldFlows.first !== null) this.#toOld(flow);
    else flow.ring!.remove(flow);
  }

  #toOld(flow: FqCodelFlow): void {
    flow.ring!.remove(flow);
    this.#oldFlows.push(flow);
  }

  protected purge(): void {
    for (const ring of [this.#newFlows, this.#oldFlows]) {
      for (let flow = ring.first; flow !== null; flow = ring.first) ring.remove(flow);
    }
    for (const flow of this.#flows) flow.reset();
    this.memoryUsage = 0;
  }

  override dump(): Record<string, unknown> {
    return this.#config.dump(this.#codel);
  }

  override xstats(): Record<string, unknown> {
    const { maxpacket, ecnMark, ceMark } = this.#stats;
    return {
      maxpacket, drop_overlimit: this.#dropOverlimit, new_flow_count: this.#newFlowCount, ecn_mark: ecnMark,
      ...(ceMark > 0 && { ce_mark: ceMark }), ...(this.memoryUsage > 0 && { memory_used: this.memoryUsage }),
      ...(this.#dropOvermemory > 0 && { drop_overmemory: this.#dropOvermemory }),
      new_flows_len: this.#newFlows.length, old_flows_len: this.#oldFlows.length,
    }; // prettier-ignore
  }
}

export const fqCodelKind: QdiscKind = { kind: 'fq_codel', create: (queue, options) => new FqCodel(queue, options) };
