import { token, type Part, type Undo } from '@stack/plugin';
import { DropReason, SKB_GSO_TCPV4, SkbQueue, tcp, udp, type SkBuff } from '@stack/skb';
import type { NetdevQueue } from '../device/netdev-queue.ts';

/** Never holds a packet: the driver is called at once. @kernel include/net/sch_generic.h */
export const TCQ_F_BUILTIN = 1;
/** An idle queue may be passed by: the packet goes straight to the driver. @kernel include/net/sch_generic.h */
export const TCQ_F_CAN_BYPASS = 4;
/** Feeds one queue of the device only, so it may send several packets in one go. */
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

  /** Counts a packet in; for {@link enqueue}. */
  protected enqueued(skb: SkBuff): void {
    this.qlen++;
    this.backlog += skb.len;
  }

  /** Counts a packet out, as sent; for {@link dequeue}. */
  protected dequeued(skb: SkBuff): void {
    this.qlen--;
    this.backlog -= skb.len;
    this.countSent(skb);
  }

  /** @internal @kernel include/net/sch_generic.h qdisc_bstats_update() */
  countSent(skb: SkBuff): void {
    this.packets += skb.shinfo.gsoSegs > 1 ? skb.shinfo.gsoSegs : 1;
    this.bytes += qdiscPktLen(skb);
  }

  /** @internal Drops what the driver sent back. */
  purgeRequeued(): void {
    for (let skb = this.gsoSkb.shift(); skb !== null; skb = this.gsoSkb.shift()) {
      this.qlen--;
      this.backlog -= skb.len;
      skb.drop(DropReason.QUEUE_PURGE);
    }
  }

  /** Counts and frees a packet that the discipline refuses or throws out. The caller corrects qlen and backlog. */
  protected drop(skb: SkBuff, reason: number): void {
    this.drops++;
    skb.drop(reason);
  }
}

/**
 * Bytes on the wire: each segment of a packet to be segmented has headers of its own.
 *
 * @kernel net/core/dev.c qdisc_pkt_len_init()
 */
export function qdiscPktLen(skb: SkBuff): number {
  const { gsoSize, gsoSegs, gsoType } = skb.shinfo;
  if (gsoSize === 0 || gsoSegs <= 1) return skb.len;
  const transport = (gsoType & SKB_GSO_TCPV4) !== 0 ? tcp.headerLength(skb) : udp.LENGTH;
  return skb.len + (gsoSegs - 1) * (skb.transportHeader - skb.data + transport);
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
  /** Who brought a kind, for reports. */
  part(kind: string): Part;
}

export const QdiscKinds = token<QdiscKinds>('QdiscKinds', 'add netdev() to the host');
