import type { Random } from '@stack/clock';
import {
  NET_XMIT_BYPASS_FLAG,
  NET_XMIT_DROP,
  NET_XMIT_SUCCESS,
  NETIF_F_GSO_MASK,
  qdiscPktLen,
  QdiscWatchdog,
  skbDev,
  skbGsoSegment,
  type NetdevQueue,
  type Qdisc,
  type QdiscKind,
} from '@stack/netdev';
import { DropReason, skbClone, SkbQueue, type SkBuff } from '@stack/skb';
import { AheadQdisc } from '../base/ahead.ts';
import { isDrop, rootAbove } from '../base/child.ts';
import { cbTime } from '../base/cb.ts';
import { inetEcnSetCe } from '../base/ecn.ts';
import { share } from '../base/options.ts';
import { TimedQueue } from '../base/timed-queue.ts';
import { corrupt } from './corrupt.ts';
import { Crandom, share32 } from './crandom.ts';
import { Jitter } from './distribution.ts';
import { FourStateLoss, GilbertElliottLoss, RandomLoss, type LossModel } from './loss.ts';
import { NetemConfig, type NetemOptions } from './options.ts';
import { InnerClass } from './inner.ts';

/**
 * A bad network: packets are late, lost, doubled, damaged, out of order, or come at a rate.
 *
 * @kernel net/sched/sch_netem.c netem_qdisc_ops
 */
class Netem extends AheadQdisc {
  readonly kind = 'netem';
  /** A discipline through which packets go when their time has come. */
  override readonly classes: InnerClass = new InnerClass(this);
  readonly #random: Random;
  readonly #watchdog = new QdiscWatchdog(this);
  #options: NetemOptions = {};
  #config!: NetemConfig;
  #loss!: LossModel;
  readonly #jitter = new Jitter();
  readonly #chance: Record<'delay' | 'duplicate' | 'corrupt' | 'reorder', Crandom>;
  /** In the order of their times; and those that overtake. */
  readonly #later = new TimedQueue();
  readonly #now = new SkbQueue();
  /** Packets since the last one that overtook. */
  #counter = 0;
  #duplicating = false;

  constructor(queue: NetdevQueue, options: NetemOptions, random: Random) {
    super(queue);
    this.#random = random;
    this.#chance = {
      delay: new Crandom(random),
      duplicate: new Crandom(random),
      corrupt: new Crandom(random),
      reorder: new Crandom(random),
    };
    this.change(options);
  }

  /** @kernel net/sched/sch_netem.c netem_change() */
  override change(given: NetemOptions): void {
    const options = { ...this.#options, ...given };
    const config = new NetemConfig(options);
    this.#loss = this.#lossModel(options);
    this.#jitter.change(config.delay, config.jitter, config.distribution);
    this.#chance.delay.rho = share32(options.delayCorrelation ?? 0);
    this.#chance.duplicate.rho = share32(options.duplicateCorrelation ?? 0);
    this.#chance.corrupt.rho = share32(options.corruptCorrelation ?? 0);
    this.#chance.reorder.rho = share32(options.reorderCorrelation ?? 0);
    this.#options = options;
    this.#config = config;
  }

  #lossModel(options: NetemOptions): LossModel {
    if (options.gemodel !== undefined) return new GilbertElliottLoss(options.gemodel, this.#random);
    if (options.lossState !== undefined) return new FourStateLoss(options.lossState, this.#random);
    return new RandomLoss(share('netem', 'loss', options.loss ?? 0), options.lossCorrelation ?? 0, this.#random);
  }

  /** @kernel net/sched/sch_netem.c netem_enqueue() */
  enqueue(skb: SkBuff): number {
    const { duplicate, corrupt: damage, ecn } = this.#config;
    let copies = !this.#duplicating && happens(duplicate, this.#chance.duplicate) ? 2 : 1;
    if (this.#loss.lost()) {
      if (!ecn || !inetEcnSetCe(skb)) copies--;
      this.drops++;
    }
    if (copies === 0) {
      skb.drop(DropReason.QDISC_DROP);
      return NET_XMIT_SUCCESS | NET_XMIT_BYPASS_FLAG;
    }
    if (copies === 2) this.#enqueueTwin(skb);
    if (!happens(damage, this.#chance.corrupt)) return this.#enqueueOne(skb);
    return skb.isGso ? this.#corruptOneOf(skb) : this.#corruptAndEnqueue(skb);
  }

  /** The second copy begins at the root, as if it had been sent twice. */
  #enqueueTwin(skb: SkBuff): void {
    this.#duplicating = true;
    rootAbove(this).enqueue(skbClone(skb));
    this.#duplicating = false;
  }

  #corruptAndEnqueue(skb: SkBuff): number {
    if (corrupt(skb, this.#random)) return this.#enqueueOne(skb);
    this.drop(skb, DropReason.NOMEM);
    return NET_XMIT_SUCCESS | NET_XMIT_BYPASS_FLAG;
  }

  /** Damages the first segment of a packet and sends the others behind it. @kernel net/sched/sch_netem.c netem_segment() */
  #corruptOneOf(skb: SkBuff): number {
    const bytes = qdiscPktLen(skb);
    const { qlen, backlog } = this;
    const segments = skbGsoSegment(skb, skbDev(skb).features & ~NETIF_F_GSO_MASK);
    if (segments === null) {
      this.drop(skb, DropReason.SKB_GSO_SEG);
      return NET_XMIT_DROP;
    }
    skb.consume();
    for (let part: SkBuff | null = segments; part !== null;) {
      const next: SkBuff | null = part.next;
      part.next = null;
      if (part === segments) this.#corruptAndEnqueue(part);
      else this.enqueue(part);
      part = next;
    }
    const queued = this.qlen - qlen;
    if (queued === 0) return NET_XMIT_SUCCESS | NET_XMIT_BYPASS_FLAG;
    this.treeReduceBacklog(1 - queued, bytes - (this.backlog - backlog));
    return NET_XMIT_SUCCESS;
  }

  #enqueueOne(skb: SkBuff): number {
    const { limit, gap, reorder } = this.#config;
    if (this.#later.length >= limit) {
      this.overlimits++;
      this.drop(skb, DropReason.QDISC_OVERLIMIT);
      return NET_XMIT_DROP;
    }
    if (gap > 0 && this.#counter >= gap - 1 && happens(reorder, this.#chance.reorder)) {
      this.#counter = 0;
      this.requeues++;
      this.#now.unshift(skb);
    } else {
      this.#counter++;
      this.#later.insert(skb, this.#timeFor(skb));
    }
    this.enqueued(skb);
    return NET_XMIT_SUCCESS;
  }

  /** When the packet leaves: at a rate, it begins when the one before has ended. */
  #timeFor(skb: SkBuff): number {
    const now = this.queue.dev.core.clock.now();
    const delay = this.#jitter.delay(this.#chance.delay);
    if (this.#config.rate === 0) return now + Math.max(delay, 0);
    const { last } = this.#later;
    const begin = last === null ? now : cbTime(last);
    return begin + Math.max(delay - (begin - now), 0) + this.#config.timeOf(qdiscPktLen(skb));
  }

  /** @kernel net/sched/sch_netem.c netem_dequeue() */
  protected next(): SkBuff | null {
    const { inner } = this.classes;
    const skb = this.#now.shift() ?? this.#due(inner) ?? (inner === null ? null : inner.dequeue());
    if (skb !== null) this.dequeued(skb);
    if (skb === null && this.#later.first !== null) this.#watchdog.schedule(cbTime(this.#later.first));
    return skb;
  }

  /** The next packet whose time has come; with a discipline inside, they all go there. */
  #due(inner: Qdisc | null): SkBuff | null {
    const now = this.queue.dev.core.clock.now();
    for (let first = this.#later.first; first !== null && cbTime(first) <= now; first = this.#later.first) {
      this.#later.remove(first);
      if (inner === null) return first;
      this.#enqueueInside(inner, first);
    }
    return null;
  }

  #enqueueInside(inner: Qdisc, skb: SkBuff): void {
    const bytes = qdiscPktLen(skb);
    const answer = inner.enqueue(skb);
    if (answer === NET_XMIT_SUCCESS) return;
    this.qlen--;
    this.backlog -= bytes;
    if (isDrop(answer)) this.drops++;
    this.treeReduceBacklog(1, bytes);
  }

  protected purge(): void {
    this.#later.dropAll(DropReason.QUEUE_PURGE);
    this.#now.dropAll(DropReason.QUEUE_PURGE);
    this.classes.inner?.reset();
    this.#watchdog.cancel();
  }

  override destroy(): void {
    this.#watchdog.cancel();
    this.classes.inner?.destroy?.();
  }

  override dump(): Record<string, unknown> {
    return { ...this.#config.dump(), ...this.#loss.dump() };
  }
}

/** Whether what happens to a share of packets happens to this one. */
function happens(part: number, chance: Crandom): boolean {
  return part > 0 && share32(part) >= chance.next();
}

export const netemKind = (random: Random): QdiscKind => ({
  kind: 'netem',
  create: (queue, options) => new Netem(queue, options, random),
});
