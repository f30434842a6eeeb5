import { StackError, type Plugin } from '@stack/plugin';
import { NET_XMIT_CN, NET_XMIT_SUCCESS, Qdisc, QdiscKinds, qdiscPktLen } from '@stack/netdev';
import type { NetdevQueue, QdiscKind } from '@stack/netdev';
import { DropReason, ip, SkbQueue, type SkBuff } from '@stack/skb';

export interface RoundRobinOptions {
  /** How many queues flows are spread over, 16 unless given. */
  flows?: number;
  /** Packets that wait in all, 1000 unless given. */
  limit?: number;
}

/** Flows take turns, packet by packet. When all is full, the longest queue loses its oldest packet. */
class RoundRobin extends Qdisc {
  readonly kind = 'rr';
  readonly #queues: readonly SkbQueue[];
  readonly #limit: number;
  #turn = 0;

  constructor(queue: NetdevQueue, { flows = 16, limit = 1000 }: RoundRobinOptions) {
    super(queue);
    if (!(Number.isInteger(flows) && flows > 0 && Number.isInteger(limit) && limit > 0)) {
      throw new StackError('ERR_RR_OPTION', `rr cannot have ${flows} flows and a limit of ${limit}`, 'give 1 or more');
    }
    this.#queues = Array.from({ length: flows }, () => new SkbQueue());
    this.#limit = limit;
  }

  enqueue(skb: SkBuff): number {
    this.#queues[this.#flow(skb)]!.push(skb);
    this.enqueued(skb);
    if (this.qlen <= this.#limit) return NET_XMIT_SUCCESS;
    this.overlimits++;
    const bytes = qdiscPktLen(skb);
    this.treeReduceBacklog(0, this.#dropFromLongest() - bytes); // above, one for one: only the bytes differ
    return NET_XMIT_CN;
  }

  dequeue(): SkBuff | null {
    const queue = this.#next();
    if (queue === null) return null;
    const skb = queue.shift()!;
    this.#turn++;
    this.dequeued(skb);
    return skb;
  }

  peek(): SkBuff | null {
    return this.#next()?.first ?? null;
  }

  reset(): void {
    for (const queue of this.#queues) queue.dropAll(DropReason.QUEUE_PURGE);
    this.qlen = this.backlog = 0;
  }

  /** The first queue with a packet, from whose turn it is on. */
  #next(): SkbQueue | null {
    if (this.qlen === 0) return null;
    for (let i = 0; i < this.#queues.length; i++, this.#turn++) {
      const queue = this.#queues[this.#turn % this.#queues.length]!;
      if (!queue.empty) return queue;
    }
    return null;
  }

  #flow(skb: SkBuff): number {
    if (skb.protocol !== 0x0800 || skb.networkHeader === 0) return 0;
    const hash = Math.imul(ip.saddr(skb) ^ Math.imul(ip.daddr(skb), 31) ^ ip.protocol(skb), 0x9e3779b1);
    return (hash >>> 8) % this.#queues.length;
  }

  /** Returns the bytes of what it dropped. */
  #dropFromLongest(): number {
    let longest = this.#queues[0]!;
    for (const queue of this.#queues) if (queue.length > longest.length) longest = queue;
    const skb = longest.shift()!;
    const bytes = qdiscPktLen(skb);
    this.qlen--;
    this.backlog -= bytes;
    this.drop(skb, DropReason.QDISC_OVERLIMIT);
    return bytes;
  }
}

export const roundRobinKind: QdiscKind = { kind: 'rr', create: (queue, options) => new RoundRobin(queue, options) };

/** Brings the discipline `rr`: `replaceQdisc(eth0, 'rr', { flows: 64 })`. */
export function roundRobin(): Plugin {
  return { name: 'rr', attach: (services) => services.get(QdiscKinds).add(roundRobinKind) };
}
