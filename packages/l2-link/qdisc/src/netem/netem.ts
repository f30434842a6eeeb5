import { seededRandom, type Random } from '@stack/clock';
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
import { Slots } from './slot.ts';

/**
 * A bad network: packets are late, lost, doubled, damaged, out of order, or come at a rate.
 *
 * @kernel net/sched/sch_netem.c netem_qdisc_ops
 */
class Netem extends AheadQdisc {
  readonly kind = 'netem';
  /** A discipline through which packets go when their time has come. */
  override readonly classes: InnerClass = new InnerClass(this);
  readonly #given: Random;
  /** The one that was given, or one of our own with a seed. */
  #random: Random;
  readonly #watchdog = new QdiscWatchdog(this);
  #options: NetemOptions = {};
  #config!: NetemConfig;
  #loss!: LossModel;
  readonly #jitter = new Jitter();
  #chance!: Record<'delay' | 'duplicate' | 'corrupt' | 'reorder', Crandom>;
  #slots: Slots | null = null;
  /** In the order of their times; and those that overtake. */
  readonly #later = new TimedQueue();
  readonly #now = new SkbQueue();
  /** Packets since the last one that overtook. */
  #counter = 0;
  #duplicating = false;

  constructor(queue: NetdevQueue, options: NetemOptions, random: Random) {
    super(queue);
    this.#given = random;
    this.#random = random;
    this.change(options);
  }

  /** @kernel net/sched/sch_netem.c netem_change() */
  override change(given: NetemOptions): void {
    const options = merged(this.#options, given);
    const config = new NetemConfig(options);
    const random = options.seed === undefined ? this.#given : seededRandom(options.seed);
    const loss = lossModel(options, random);
    // A slot that runs goes on unless others were asked for.
    const fresh = given.slot !== undefined || given.seed !== undefined;
    if (fresh && options.slot !== undefined) {
      this.#slots = new Slots(options.slot, random, this.queue.dev.core.clock.now());
    }
    this.#loss = loss;
    this.#random = random;
    this.#jitter.change(config.delay, config.jitter, config.distribution);
    this.#chance = {
      delay: new Crandom(random, share('netem', 'delayCorrelation', options.delayCorrelation ?? 0)),
      duplicate: new Crandom(random, share('netem', 'duplicateCorrelation', options.duplicateCorrelation ?? 0)),
      corrupt: new Crandom(random, share('netem', 'corruptCorrelation', options.corruptCorrelation ?? 0)),
      reorder: new Crandom(random, share('netem', 'reorderCorrelation', options.reorderCorrelation ?? 0)),
    };
    this.#options = options;
    this.#config = config;
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
    if (skb === null && this.#later.first !== null) {
      this.#watchdog.schedule(Math.max(cbTime(this.#later.first), this.#slots?.next ?? 0));
    }
    return skb;
  }

  /** The next packet whose time, and whose slot, has come; with a discipline inside, they all go there. */
  #due(inner: Qdisc | null): SkBuff | null {
    const now = this.queue.dev.core.clock.now();
    const slots = this.#slots;
    for (let first = this.#later.first; first !== null; first = this.#later.first) {
      const at = cbTime(first);
      slots?.due(at);
      if (at > now || (slots !== null && slots.next > now)) return null;
      this.#later.remove(first);
      slots?.take(qdiscPktLen(first), now);
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
    const slot = this.#slots === null ? {} : { slot: this.#slots.dump() };
    return this.#config.dump(this.#options, this.#loss.dump(), slot);
  }
}

/** A new model of losses takes the place of the one there was. */
function merged(
  { loss, lossCorrelation, gemodel, lossState, ...others }: NetemOptions,
  given: NetemOptions,
): NetemOptions {
  const replaced = given.loss !== undefined || given.gemodel !== undefined || given.lossState !== undefined;
  return replaced ? { ...others, ...given } : { loss, lossCorrelation, gemodel, lossState, ...others, ...given };
}

function lossModel(options: NetemOptions, random: Random): LossModel {
  if (options.gemodel !== undefined) return new GilbertElliottLoss(options.gemodel, random);
  if (options.lossState !== undefined) return new FourStateLoss(options.lossState, random);
  return new RandomLoss(share('netem', 'loss', options.loss ?? 0), options.lossCorrelation ?? 0, random);
}

/** Whether what happens to a share of packets happens to this one. */
function happens(part: number, chance: Crandom): boolean {
  return part > 0 && share32(part) >= chance.next();
}

export const netemKind = (random: Random): QdiscKind => ({
  kind: 'netem',
  create: (queue, options) => new Netem(queue, options, random),
});
