import { FilterChain, NET_XMIT_DROP, NET_XMIT_SUCCESS, QdiscWatchdog, qdiscPktLen, TC_ACT_SHOT } from '@stack/netdev';
import { TC_ACT_STOLEN, TC_ACT_UNSPEC, type NetdevQueue, type QdiscKind } from '@stack/netdev';
import { DropReason, SkbQueue, type SkBuff } from '@stack/skb';
import { AheadQdisc } from '../base/ahead.ts';
import { enqueueBelow, isDrop } from '../base/child.ts';
import { SHOT, STOLEN } from '../base/classify.ts';
import { minorOf, parseHandle, type Handle } from '../base/handle.ts';
import { whole } from '../base/options.ts';
import { refuse } from '../base/refuse.ts';
import { HTB_DEPTH, type HtbClass } from './class.ts';
import { HtbClasses } from './classes.ts';
import { HtbRows } from './rows.ts';

export interface HtbOptions {
  /** Minor number of the class for packets that no filter wants, 0x10 or '1:10'. Without one they leave at once. */
  default?: Handle;
  /** A class's quantum is its rate divided by this; 10 unless given. */
  r2q?: number;
  /** Packets without a class that wait; the device's queue length unless given. */
  directQlen?: number;
}

/** What {@link Htb.classify} answers for packets that leave without a class. */
const DIRECT = -4;
/** The dog looks after us at least that often. */
const LONGEST_SLEEP = 5e9;

/**
 * Hierarchical token bucket: classes share a link, each with a rate that it has for certain and a ceil up to which it
 * borrows from the class above.
 *
 * @kernel net/sched/sch_htb.c htb_qdisc_ops
 */
class Htb extends AheadQdisc {
  readonly kind = 'htb';
  readonly #rows = new HtbRows(this);
  override readonly classes: HtbClasses = new HtbClasses(this, this.#rows);
  override readonly filters = new FilterChain();
  readonly #direct = new SkbQueue();
  readonly #watchdog = new QdiscWatchdog(this);
  #default = 0;
  #directQlen: number;
  #directPackets = 0;

  constructor(queue: NetdevQueue, options: HtbOptions) {
    super(queue);
    this.#directQlen = queue.dev.txQueueLen || 2;
    this.change(options);
  }

  override change(options: HtbOptions): void {
    const r2q = whole('htb', 'r2q', options.r2q ?? this.classes.r2q, 1);
    this.#directQlen = whole('htb', 'directQlen', options.directQlen ?? this.#directQlen);
    if (options.default !== undefined) this.#default = minorOf(parseHandle(options.default));
    this.classes.r2q = r2q;
  }

  /** @kernel net/sched/sch_htb.c htb_enqueue() */
  enqueue(skb: SkBuff): number {
    const found = this.#classify(skb);
    if (found === DIRECT) return this.#enqueueDirect(skb);
    if (typeof found === 'number') return refuse(this, skb, found);
    const answer = enqueueBelow(this, found.qdisc!, skb);
    if (answer === NET_XMIT_SUCCESS) this.#rows.activate(found);
    else if (isDrop(answer)) found.own.drops++;
    return answer;
  }

  /** The leaf, or DIRECT, SHOT, STOLEN. @kernel net/sched/sch_htb.c htb_classify() */
  #classify(skb: SkBuff): HtbClass | number {
    const priority = skb.priority >>> 0;
    if (priority !== 0) {
      if (priority === this.handle) return DIRECT;
      const cl = this.classes.find(priority);
      if (cl !== null && cl.level === 0) return cl;
    }
    if (!this.filters.empty) {
      const verdict = this.filters.classify(skb);
      if (verdict === TC_ACT_SHOT) return SHOT;
      if (verdict === TC_ACT_STOLEN) return STOLEN;
      if (verdict !== TC_ACT_UNSPEC) {
        if (this.filters.classid === this.handle) return DIRECT;
        const cl = this.classes.find(this.filters.classid);
        if (cl !== null && cl.level === 0) return cl;
      }
    }
    const cl = this.#default === 0 ? null : this.classes.find(this.handle + this.#default);
    return cl === null || cl.level > 0 ? DIRECT : cl;
  }

  #enqueueDirect(skb: SkBuff): number {
    if (this.#direct.length >= this.#directQlen) {
      this.drop(skb, DropReason.QDISC_DROP);
      return NET_XMIT_DROP;
    }
    this.#direct.push(skb);
    this.#directPackets++;
    this.enqueued(skb);
    return NET_XMIT_SUCCESS;
  }

  /** @kernel net/sched/sch_htb.c htb_dequeue() */
  protected next(): SkBuff | null {
    const direct = this.#direct.shift();
    if (direct !== null) {
      this.dequeued(direct);
      return direct;
    }
    if (this.qlen === 0) return null;
    const now = this.queue.dev.core.clock.now();
    let event = now + LONGEST_SLEEP;
    for (let level = 0; level < HTB_DEPTH; level++) {
      event = Math.min(event, this.#rows.advance(level, now));
      for (let mask = this.#rows.masks[level]; mask !== 0; mask &= mask - 1) {
        const skb = this.#dequeueFrom(level, 31 - Math.clz32(mask & -mask), now);
        if (skb !== null) return skb;
      }
    }
    if (this.qlen > 0) this.#watchdog.schedule(event);
    return null;
  }

  /** @kernel net/sched/sch_htb.c htb_dequeue_tree() */
  #dequeueFrom(level: number, prio: number, now: number): SkBuff | null {
    let first: HtbClass | null = null;
    for (let cl = this.#rows.leaf(level, prio); cl !== null; cl = this.#rows.leaf(level, prio)) {
      if (cl === first) return null;
      const qdisc = cl.qdisc!;
      const skb = qdisc.qlen === 0 ? null : qdisc.dequeue();
      if (skb !== null) return this.#sent(cl, level, prio, skb, now);
      if (qdisc.qlen === 0) {
        this.#rows.deactivate(cl);
      } else {
        // It holds its packets back: the others may go meanwhile.
        first ??= cl;
        this.#feedOf(cl, level, prio).advance();
      }
    }
    return null;
  }

  #sent(cl: HtbClass, level: number, prio: number, skb: SkBuff, now: number): SkBuff {
    const bytes = qdiscPktLen(skb);
    const packets = skb.shinfo.gsoSegs > 1 ? skb.shinfo.gsoSegs : 1;
    cl.own.packets += packets;
    cl.own.bytes += bytes;
    cl.deficit[level] -= bytes;
    if (cl.deficit[level] < 0) {
      cl.deficit[level] += cl.params.quantum;
      this.#feedOf(cl, level, prio).advance();
    }
    if (cl.qdisc!.qlen === 0) this.#rows.deactivate(cl);
    this.#rows.charge(cl, level, bytes, packets, now);
    this.dequeued(skb);
    return skb;
  }

  #feedOf(cl: HtbClass, level: number, prio: number) {
    return level === 0 ? this.#rows.row(0, prio) : cl.above!.feeds[prio];
  }

  protected purge(): void {
    this.classes.reset();
    this.#direct.dropAll(DropReason.QUEUE_PURGE);
    this.#watchdog.cancel();
  }

  override destroy(): void {
    this.#watchdog.cancel();
    this.classes.destroy();
  }

  /** In the order of tc. @kernel tc/q_htb.c htb_print_opt() */
  override dump(): Record<string, unknown> {
    return {
      r2q: this.classes.r2q, default: `0x${this.#default.toString(16)}`, direct_packets_stat: this.#directPackets,
      ver: '3.17', direct_qlen: this.#directQlen,
    }; // prettier-ignore
  }
}

export const htbKind: QdiscKind = { kind: 'htb', create: (queue, options) => new Htb(queue, options) };
