import { NET_XMIT_DROP, NET_XMIT_SUCCESS, qdiscPktLen, TCQ_F_CAN_BYPASS } from '@stack/netdev';
import type { NetdevQueue, QdiscKind } from '@stack/netdev';
import { DropReason, SkbQueue, type SkBuff } from '@stack/skb';
import { AheadQdisc } from '../base/ahead.ts';
import { setCbTime } from '../base/cb.ts';
import { whole } from '../base/options.ts';
import { formatTime } from '../base/units.ts';
import { CodelConfig, CodelState, CodelStats, pschedMtu, type CodelParams, type CodelSource } from './control.ts';

export interface CodelOptions extends CodelParams {
  /** Packets; 1000 unless given. */
  limit?: number;
}

/**
 * One queue whose delay CoDel keeps short.
 *
 * @kernel net/sched/sch_codel.c codel_qdisc_ops
 * @rfc 8289
 */
class Codel extends AheadQdisc implements CodelSource {
  readonly kind = 'codel';
  #limit = 1000;
  readonly #config: CodelConfig;
  readonly #state = new CodelState();
  readonly #stats = new CodelStats();
  readonly #packets = new SkbQueue();
  #dropOverlimit = 0;
  #dropped = 0;
  #droppedBytes = 0;

  constructor(queue: NetdevQueue, options: CodelOptions) {
    super(queue);
    this.#config = new CodelConfig(pschedMtu(this), false);
    this.change(options);
  }

  /** @kernel net/sched/sch_codel.c codel_change() */
  override change(options: CodelOptions): void {
    this.#limit = whole('codel', 'limit', options.limit ?? this.#limit);
    this.#config.change(options);
    this.flags = this.#limit >= 1 ? this.flags | TCQ_F_CAN_BYPASS : this.flags & ~TCQ_F_CAN_BYPASS;
    const { qlen, backlog } = this;
    while (this.#packets.length > this.#limit) {
      const skb = this.codelShift()!;
      this.qlen--;
      this.drop(skb, DropReason.QDISC_OVERLIMIT);
    }
    this.treeReduceBacklog(qlen - this.qlen, backlog - this.backlog);
  }

  /** @kernel net/sched/sch_codel.c codel_qdisc_enqueue() */
  enqueue(skb: SkBuff): number {
    if (this.qlen >= this.#limit) {
      this.#dropOverlimit++;
      this.overlimits++;
      this.drop(skb, DropReason.QDISC_OVERLIMIT);
      return NET_XMIT_DROP;
    }
    setCbTime(skb, this.queue.dev.core.clock.now());
    this.#packets.push(skb);
    this.enqueued(skb);
    return NET_XMIT_SUCCESS;
  }

  /** @kernel net/sched/sch_codel.c codel_qdisc_dequeue() */
  protected next(): SkBuff | null {
    this.#dropped = this.#droppedBytes = 0;
    const skb = this.#state.dequeue(this, this.#config, this.#stats, this.queue.dev.core.clock.now());
    if (skb !== null) {
      // The source took the bytes off already.
      this.backlog += qdiscPktLen(skb);
      this.dequeued(skb);
    }
    this.treeReduceBacklog(this.#dropped, this.#droppedBytes);
    return skb;
  }

  /** @internal */
  codelShift(): SkBuff | null {
    const skb = this.#packets.shift();
    if (skb !== null) this.backlog -= qdiscPktLen(skb);
    return skb;
  }

  /** @internal */
  codelBacklog(): number {
    return this.backlog;
  }

  /** @internal */
  codelDrop(skb: SkBuff): void {
    this.#dropped++;
    this.#droppedBytes += qdiscPktLen(skb);
    this.qlen--;
    this.drop(skb, DropReason.QDISC_CONGESTED);
  }

  protected purge(): void {
    this.#packets.dropAll(DropReason.QUEUE_PURGE);
    this.#state.reset();
  }

  override dump(): Record<string, unknown> {
    return { limit: `${this.#limit}p`, ...this.#config.dump(), ...(this.#config.ecn && { ecn: true }) };
  }

  override xstats(): Record<string, unknown> {
    const { count, lastCount, ldelay, dropping, dropNext } = this.#state;
    const next = dropNext - this.queue.dev.core.clock.now();
    const { maxpacket, ecnMark, ceMark } = this.#stats;
    return {
      count, lastcount: lastCount, ldelay: formatTime(ldelay), ...(dropping && { dropping }),
      ...(dropNext !== 0 && { drop_next: `${next < 0 ? '-' : ''}${formatTime(Math.abs(next))}` }),
      maxpacket, ecn_mark: ecnMark, drop_overlimit: this.#dropOverlimit, ...(ceMark > 0 && { ce_mark: ceMark }),
    }; // prettier-ignore
  }
}

export const codelKind: QdiscKind = { kind: 'codel', create: (queue, options) => new Codel(queue, options) };
