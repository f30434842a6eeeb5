import { type SkBuff, SkbQueue } from '@stack/skb';
import { token, type Undo } from '@stack/plugin';
import type { NetdevQueue } from './netdev-queue.ts';

/** An idle queue may be passed by: the packet goes straight to the driver. @kernel include/net/sch_generic.h */
export const TCQ_F_CAN_BYPASS = 4;
/** Part of a queue of the device, rather than the whole. */
export const TCQ_F_ONETXQUEUE = 0x10;

/**
 * A queueing discipline. Implement {@link enqueue}, {@link dequeue}, {@link peek} and {@link reset}, and keep
 * {@link qlen} and {@link backlog} true: the base class has helpers that do both.
 *
 * @kernel include/net/sch_generic.h struct Qdisc
 */
export abstract class Qdisc {
  /** As `tc` calls it: `pfifo_fast`. */
  abstract readonly kind: string;
  readonly queue: NetdevQueue;
  /** TCQ_F_* bits. */
  flags = 0;
  /** Packets and bytes waiting. */
  qlen = 0;
  backlog = 0;
  /** Sent, dropped, requeued and over the limit, as `tc -s qdisc` shows them. */
  packets = 0;
  bytes = 0;
  drops = 0;
  requeues = 0;
  overlimits = 0;
  /** @internal Packets the driver sent back; they go first. */
  readonly gsoSkb = new SkbQueue();
  /** @internal */
  running = false;
  deactivated = false;
  scheduled = false;
  nextSched: Qdisc | null = null;

  constructor(queue: NetdevQueue) {
    this.queue = queue;
  }

  /**
   * Takes a packet. NET_XMIT_SUCCESS (0): it is queued. NET_XMIT_DROP or NET_XMIT_CN: a packet was dropped, with
   * {@link drop}, this one or another.
   */
  abstract enqueue(skb: SkBuff): number;
  /** The next packet to send, or null when there is none or it may not leave yet. */
  abstract dequeue(): SkBuff | null;
  /** The packet that {@link dequeue} would return next; it stays. */
  abstract peek(): SkBuff | null;
  /** Drops everything, with the reason QUEUE_PURGE. */
  abstract reset(): void;
  /** Lets go of timers. */
  destroy?(): void;
  /** New options while running; throws a StackError for bad ones. */
  change?(options: object): void;
  /** Options in use, as `tc qdisc show` prints them. */
  dump?(): Record<string, unknown>;

  /** Counts and frees a packet that the discipline refuses or throws out. The caller corrects qlen and backlog. */
  protected drop(skb: SkBuff, reason: number): void {
    this.drops++;
    skb.drop(reason);
  }
}

/** @kernel include/net/sch_generic.h struct Qdisc_ops */
export interface QdiscKind {
  readonly kind: string;
  create(queue: NetdevQueue, options: object): Qdisc;
}

/** The kinds of a host. @kernel net/sched/sch_api.c register_qdisc() */
export interface QdiscKinds {
  /** Throws `ERR_STACK_QDISC_TAKEN` for a kind that exists. */
  add(kind: QdiscKind): Undo;
  /** Throws `ERR_STACK_QDISC_UNKNOWN`, with the kinds that exist. */
  create(kind: string, queue: NetdevQueue, options?: object): Qdisc;
  readonly names: readonly string[];
}

export const QdiscKinds = token<QdiscKinds>('QdiscKinds', 'add netdev() to the host');
