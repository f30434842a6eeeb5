import { DropReason, SkbQueue, type SkBuff } from '@stack/skb';
import {
  NET_XMIT_CN,
  NET_XMIT_DROP,
  NET_XMIT_SUCCESS,
  Qdisc,
  qdiscPktLen,
  TCQ_F_CAN_BYPASS,
  type NetdevQueue,
  type QdiscKind,
} from '@stack/netdev';
import { whole } from './base/options.ts';
import { bytesOf, formatSize, type Size } from './base/units.ts';

/** What one says of a fifo. */
export interface FifoOptions {
  /** Packets (pfifo) or bytes (bfifo, also '15k') that wait at most; 0 drops everything. The device's queue length unless given. */
  limit?: Size;
}

export type FifoKind = 'pfifo' | 'bfifo' | 'pfifo_head_drop';

/**
 * One queue, limited in packets or in bytes. When it is full, the packet that comes is dropped, or, with
 * `pfifo_head_drop`, the one that waits longest.
 *
 * @kernel net/sched/sch_fifo.c pfifo_qdisc_ops, bfifo_qdisc_ops, pfifo_head_drop_qdisc_ops
 */
export class Fifo extends Qdisc {
  readonly kind: FifoKind;
  #limit: number;
  readonly #packets = new SkbQueue();

  /** @kernel net/sched/sch_fifo.c __fifo_init() */
  constructor(kind: FifoKind, queue: NetdevQueue, options: FifoOptions) {
    super(queue);
    this.kind = kind;
    const { mtu, txQueueLen, hardHeaderLen } = queue.dev;
    const length = txQueueLen || 1;
    this.#limit = kind === 'bfifo' ? length * (mtu + hardHeaderLen) : length;
    this.change(options);
  }

  override change(options: FifoOptions): void {
    const { limit = this.#limit } = options;
    this.#limit = whole(this.kind, 'limit', this.kind === 'bfifo' ? bytesOf(limit) : Number(limit));
    // A queue that may hold nothing must not be passed by either.
    const bypass = this.#limit > 0 && this.kind !== 'pfifo_head_drop';
    this.flags = bypass ? this.flags | TCQ_F_CAN_BYPASS : this.flags & ~TCQ_F_CAN_BYPASS;
    const { qlen, backlog } = this;
    while (this.#over(0)) this.#dropFirst();
    this.treeReduceBacklog(qlen - this.qlen, backlog - this.backlog);
  }

  /** @kernel net/sched/sch_fifo.c pfifo_enqueue(), bfifo_enqueue() */
  enqueue(skb: SkBuff): number {
    if (this.#over(this.kind === 'bfifo' ? qdiscPktLen(skb) : 1)) return this.#full(skb);
    this.#packets.push(skb);
    this.enqueued(skb);
    return NET_XMIT_SUCCESS;
  }

  dequeue(): SkBuff | null {
    const skb = this.#packets.shift();
    if (skb !== null) this.dequeued(skb);
    return skb;
  }

  peek(): SkBuff | null {
    return this.#packets.first;
  }

  reset(): void {
    this.#packets.dropAll(DropReason.QUEUE_PURGE);
    this.qlen = 0;
    this.backlog = 0;
  }

  override dump(): Record<string, unknown> {
    return { limit: this.kind === 'bfifo' ? formatSize(this.#limit) : `${this.#limit}p` };
  }

  #full(skb: SkBuff): number {
    this.overlimits++;
    if (this.kind === 'pfifo_head_drop' && this.#limit > 0) return this.#replaceFirst(skb);
    this.drop(skb, DropReason.QDISC_OVERLIMIT);
    return NET_XMIT_DROP;
  }

  /** @kernel net/sched/sch_fifo.c pfifo_tail_enqueue() */
  #replaceFirst(skb: SkBuff): number {
    const before = this.backlog;
    this.#dropFirst();
    this.#packets.push(skb);
    this.enqueued(skb);
    this.treeReduceBacklog(0, before - this.backlog);
    return NET_XMIT_CN;
  }

  #over(more: number): boolean {
    return (this.kind === 'bfifo' ? this.backlog : this.qlen) + more > this.#limit;
  }

  #dropFirst(): void {
    const skb = this.#packets.shift()!;
    this.qlen--;
    this.backlog -= qdiscPktLen(skb);
    this.drop(skb, DropReason.QDISC_OVERLIMIT);
  }
}

const fifoKind = (kind: FifoKind): QdiscKind => ({
  kind,
  create: (queue, options) => new Fifo(kind, queue, options),
});

export const pfifoKind = fifoKind('pfifo');
export const bfifoKind = fifoKind('bfifo');
export const pfifoHeadDropKind = fifoKind('pfifo_head_drop');
