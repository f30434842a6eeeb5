import { token, type Part, type Undo } from '@stack/plugin';
import { DropReason, SKB_GSO_TCPV4, SkbQueue, tcp, udp, type SkBuff } from '@stack/skb';
import type { NetDevice } from '../device/net-device.ts';
import type { NetdevQueue } from '../device/netdev-queue.ts';
import type { QdiscClasses } from './qdisc-class.ts';
import type { FilterChain } from './qdisc-filter.ts';

/** Never holds a packet: the driver is called at once. @kernel include/net/sch_generic.h */
export const TCQ_F_BUILTIN = 1;
/** Stands for all queues of the device; packets pass by it. @kernel include/net/sch_generic.h */
export const TCQ_F_MQROOT = 8;
/** An idle queue may be passed by: the packet goes straight to the driver. @kernel include/net/sch_generic.h */
export const TCQ_F_CAN_BYPASS = 4;
/** Feeds one queue of the device only, so it may send several packets in one go. */
export const TCQ_F_ONETXQUEUE = 0x10;

/** A `parent` that is no class. @kernel include/uapi/linux/pkt_sched.h TC_H_ROOT, TC_H_INGRESS */
export const TC_H_ROOT = 0xffffffff;
export const TC_H_INGRESS = 0xfffffff1;

/** Flags that {@link Qdisc.enqueue} adds for a discipline above: no drop of its own to count. @kernel include/net/sch_generic.h */
export const NET_XMIT_STOLEN_FLAG = 0x10000;
/** No class wanted the packet; it is gone. */
export const NET_XMIT_BYPASS_FLAG = 0x20000;

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
  /** `1:` is 0x10000; 0 for one that nobody named. */
  handle = 0;
  /** The class in which it sits, or TC_H_ROOT; and the discipline of that class. */
  parent = TC_H_ROOT;
  parentQdisc: Qdisc | null = null;
  /** For one that has them. */
  readonly classes?: QdiscClasses;
  readonly filters?: FilterChain;
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
   * Takes a packet. NET_XMIT_SUCCESS (0): it is queued, and a discipline above counts one more. NET_XMIT_DROP: it was
   * dropped, with {@link drop}. NET_XMIT_CN: it is queued and another one was dropped for it, so the count above stays.
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

  /** What there is to tell beyond the common counters, as `tc -s qdisc` prints it. */
  xstats?(): Record<string, unknown>;

  /** Counts a packet in; for {@link enqueue}. */
  protected enqueued(skb: SkBuff): void {
    this.qlen++;
    this.backlog += qdiscPktLen(skb);
  }

  /** Counts a packet out, as sent; for {@link dequeue}. */
  protected dequeued(skb: SkBuff): void {
    const bytes = qdiscPktLen(skb);
    this.qlen--;
    this.backlog -= bytes;
    this.packets += skb.shinfo.gsoSegs > 1 ? skb.shinfo.gsoSegs : 1;
    this.bytes += bytes;
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

  /**
   * Tells the disciplines above that packets vanished here, other than by {@link dequeue} and the refusal of the packet
   * that {@link enqueue} got: dropped while dequeuing, or thrown out by a new limit. Negative numbers: there are more.
   *
   * @kernel net/sched/sch_api.c qdisc_tree_reduce_backlog()
   */
  treeReduceBacklog(packets: number, bytes: number): void {
    if (packets !== 0 || bytes !== 0) reduceAbove(this, packets, bytes);
  }

  /** Counts and frees a packet that the discipline refuses or throws out. The caller corrects qlen and backlog. */
  protected drop(skb: SkBuff, reason: number): void {
    this.drops++;
    skb.drop(reason);
  }
}

function reduceAbove(qdisc: Qdisc, packets: number, bytes: number): void {
  let child = qdisc;
  for (let above = child.parentQdisc; above !== null; above = above.parentQdisc) {
    if ((above.flags & TCQ_F_MQROOT) !== 0) return;
    if (child.qlen === 0) above.classes!.qlenNotify(child.parent);
    above.qlen -= packets;
    above.backlog -= bytes;
    if (packets > 0) above.drops += packets;
    child = above;
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
  /** For a kind that puts itself elsewhere than into a queue: takes its place on the device. */
  attach?(qdisc: Qdisc, dev: NetDevice): void;
}

/** The kinds of a host. @kernel net/sched/sch_api.c register_qdisc() */
export interface QdiscKinds {
  /** Throws `ERR_STACK_QDISC_TAKEN` for a kind that exists. */
  add(kind: QdiscKind): Undo;
  /** Throws `ERR_STACK_QDISC_UNKNOWN`, with the kinds that exist. */
  create(kind: string, queue: NetdevQueue, options?: object): Qdisc;
  /** Throws `ERR_STACK_QDISC_UNKNOWN` as well. */
  get(kind: string): QdiscKind;
  readonly names: readonly string[];
  /** Who brought a kind, for reports. */
  part(kind: string): Part;
}

export const QdiscKinds = token<QdiscKinds>('QdiscKinds', 'add netdev() to the host');
