import { StackError } from '@stack/plugin';
import { DropReason, SkbQueue, type SkBuff } from '@stack/skb';
import {
  NET_XMIT_DROP,
  NET_XMIT_SUCCESS,
  Qdisc,
  TCQ_F_CAN_BYPASS,
  type NetdevQueue,
  type QdiscKind,
} from '@stack/netdev';

/** What one says of a fifo. */
export interface FifoOptions {
  /** Packets (pfifo) or bytes (bfifo) that wait at most; 0 drops everything. The device's queue length unless given. */
  limit?: number;
}

/**
 * One queue, limited in packets or in bytes.
 *
 * @kernel net/sched/sch_fifo.c pfifo_qdisc_ops
 */
class Fifo extends Qdisc {
  readonly kind: 'pfifo' | 'bfifo';
  #limit: number;
  readonly #packets = new SkbQueue();

  constructor(kind: 'pfifo' | 'bfifo', queue: NetdevQueue, options: FifoOptions) {
    super(queue);
    this.kind = kind;
    const { mtu, txQueueLen, hardHeaderLen } = queue.dev;
    const length = txQueueLen || 1;
    this.#limit = kind === 'pfifo' ? length : length * (mtu + hardHeaderLen);
    this.change(options);
  }

  override change(options: FifoOptions): void {
    const limit = options.limit ?? this.#limit;
    if (!Number.isInteger(limit) || limit < 0) {
      throw new StackError(
        'ERR_STACK_QDISC_OPTION',
        `${this.kind} cannot have a limit of ${limit}`,
        'give a whole number, 0 or more',
      );
    }
    this.#limit = limit;
    // A queue that may hold nothing must not be passed by either.
    this.flags = limit > 0 ? this.flags | TCQ_F_CAN_BYPASS : this.flags & ~TCQ_F_CAN_BYPASS;
    while (this.#over(0)) this.#dropFirst();
  }

  /** @kernel net/sched/sch_fifo.c pfifo_enqueue() */
  enqueue(skb: SkBuff): number {
    if (this.#over(this.kind === 'pfifo' ? 1 : skb.len)) {
      this.overlimits++;
      this.drop(skb, DropReason.QDISC_OVERLIMIT);
      return NET_XMIT_DROP;
    }
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
    return { limit: this.#limit };
  }

  #over(more: number): boolean {
    return (this.kind === 'pfifo' ? this.qlen : this.backlog) + more > this.#limit;
  }

  #dropFirst(): void {
    const skb = this.#packets.shift()!;
    this.qlen--;
    this.backlog -= skb.len;
    this.drop(skb, DropReason.QDISC_OVERLIMIT);
  }
}

export const pfifoKind: QdiscKind = { kind: 'pfifo', create: (queue, options) => new Fifo('pfifo', queue, options) };
export const bfifoKind: QdiscKind = { kind: 'bfifo', create: (queue, options) => new Fifo('bfifo', queue, options) };
