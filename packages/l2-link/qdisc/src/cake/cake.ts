import type { Random } from '@stack/clock';
import { FilterChain, NET_XMIT_CN, NET_XMIT_DROP, NET_XMIT_SUCCESS, NETIF_F_GSO_MASK } from '@stack/netdev';
import { qdiscPktLen, QdiscWatchdog, skbDev, skbGsoSegment, type NetdevQueue, type QdiscKind } from '@stack/netdev';
import { DropReason, type SkBuff } from '@stack/skb';
import { AheadQdisc } from '../base/ahead.ts';
import { cbTime, setCbTime } from '../base/cb.ts';
import { classify, NO_MATCH } from '../base/classify.ts';
import { minorOf } from '../base/handle.ts';
import { refuse } from '../base/refuse.ts';
import { formatRate, formatSize } from '../base/units.ts';
import { pschedMtu } from '../codel/control.ts';
import { needlessAck } from './ack-filter.ts';
import { Capacity } from './capacity.ts';
import type { CakeFlow } from './flow.ts';
import { CakeConfig, type CakeOptions } from './options.ts';
import { OverloadHeap } from './overload.ts';
import { CakeShaper } from './shaper.ts';
import { describeTins } from './stats.ts';
import type { CakeTin } from './tin.ts';
import { CakeTins } from './tins.ts';
import { washDscp } from './wash.ts';

/**
 * Shapes to the rate of the link behind, sorts packets into tins by importance, keeps flows and hosts apart, and keeps
 * their queues short.
 *
 * @kernel net/sched/sch_cake.c cake_qdisc_ops
 */
class Cake extends AheadQdisc {
  readonly kind = 'cake';
  override readonly filters = new FilterChain();
  readonly #random: Random;
  readonly #watchdog = new QdiscWatchdog(this);
  #options: CakeOptions = {};
  #config!: CakeConfig;
  readonly #tins = new CakeTins();
  readonly #shaper = new CakeShaper();
  #memory = 0;
  #mostMemory = 0;
  readonly #overload = new OverloadHeap();
  readonly #capacity = new Capacity();

  constructor(queue: NetdevQueue, options: CakeOptions, random: Random) {
    super(queue);
    this.#random = random;
    this.change(options);
  }

  /** @kernel net/sched/sch_cake.c cake_change(), cake_reconfigure() */
  override change(given: CakeOptions): void {
    const options = { ...this.#options, ...given };
    const config = new CakeConfig(options, pschedMtu(this));
    this.#options = options;
    this.#config = config;
    this.#purgeTins(this.#tins.configure(config));
    this.#setRate(config.rate);
  }

  #setRate(rate: number): void {
    this.#shaper.setRate(rate);
    this.#tins.setRate(rate, pschedMtu(this));
  }

  /** Drops what waits in tins that are no longer there. */
  #purgeTins(tins: readonly CakeTin[]): void {
    const { qlen, backlog } = this;
    for (const tin of tins) {
      for (const flow of tin.flows) {
        while (flow.packets.length > 0) this.#dropTaken(this.#take(tin, flow), tin, DropReason.QUEUE_PURGE);
      }
    }
    this.treeReduceBacklog(qlen - this.qlen, backlog - this.backlog);
  }

  /** @kernel net/sched/sch_cake.c cake_enqueue() */
  enqueue(skb: SkBuff): number {
    const found = classify(this.handle, this.filters, skb);
    if (found < NO_MATCH) return refuse(this, skb, found);
    const tin = found === NO_MATCH ? this.#tins.of(skb) : this.#tins.named(minorOf(found), skb);
    if (this.#config.wash) washDscp(skb);
    const flow = tin.flowOf(skb, this.#config.isolation);
    const now = this.queue.dev.core.clock.now();
    this.#shaper.wake(tin, this.qlen, now);
    if (this.#config.autorate) this.#follow(qdiscPktLen(skb), now);
    const cut = skb.isGso && this.#config.splitGso;
    const answer = cut ? this.#segment(skb, tin, flow, now) : this.#push(skb, tin, flow, now);
    if (!cut && this.#config.ackFilter !== 'no-ack-filter') this.#filterAcks(tin, flow, now);
    if (this.#memory > this.#mostMemory) this.#mostMemory = this.#memory;
    if (this.#memory > this.#config.memoryLimit) return this.#makeRoom(flow, answer, now);
    this.#overload.calm();
    return answer;
  }

  /** The rate goes with what the link before this host carries. */
  #follow(bytes: number, now: number): void {
    const rate = this.#capacity.came(bytes, now);
    if (rate > 0) this.#setRate(rate);
  }

  #push(skb: SkBuff, tin: CakeTin, flow: CakeFlow, now: number): number {
    const bytes = qdiscPktLen(skb);
    setCbTime(skb, now);
    flow.packets.push(skb);
    flow.backlog += bytes;
    tin.backlog += bytes;
    this.#memory += skb.truesize;
    this.enqueued(skb);
    if (bytes > tin.longest) tin.longest = bytes;
    if (flow.ring === null) tin.wake(flow);
    this.#overload.changed(flow);
    return NET_XMIT_SUCCESS;
  }

  /** Drops an acknowledgement that the one which just came makes needless. */
  #filterAcks(tin: CakeTin, flow: CakeFlow, now: number): void {
    const ack = needlessAck(flow, this.#config.ackFilter);
    if (ack === null) return;
    const bytes = qdiscPktLen(ack);
    flow.packets.remove(ack);
    this.#forget(ack, tin, flow);
    this.qlen--;
    this.backlog -= bytes;
    tin.ackDrops++;
    if (this.#config.ingress) this.#shaper.charge(this.#config.link.weight(ack), tin, now, true);
    this.drop(ack, DropReason.QDISC_CONGESTED);
    this.treeReduceBacklog(1, bytes);
  }

  /** Queues the segments of a large packet one by one. */
  #segment(skb: SkBuff, tin: CakeTin, flow: CakeFlow, now: number): number {
    const { qlen, backlog } = this;
    const bytes = qdiscPktLen(skb);
    const segments = skbGsoSegment(skb, skbDev(skb).features & ~NETIF_F_GSO_MASK);
    if (segments === null) {
      this.drop(skb, DropReason.SKB_GSO_SEG);
      return NET_XMIT_DROP;
    }
    for (let part: SkBuff | null = segments; part !== null;) {
      const next: SkBuff | null = part.next;
      part.next = null;
      this.#push(part, tin, flow, now);
      part = next;
    }
    skb.consume();
    this.treeReduceBacklog(1 - (this.qlen - qlen), bytes - (this.backlog - backlog));
    return NET_XMIT_SUCCESS;
  }

  /** Drops from the longest queue until the packets fit. @kernel net/sched/sch_cake.c cake_drop() */
  #makeRoom(own: CakeFlow, answer: number, now: number): number {
    const { qlen, backlog } = this;
    let ownDropped = false;
    let ownBytes = 0;
    while (this.#memory > this.#config.memoryLimit) {
      const flow = this.#overload.longest(this.#tins.all);
      const { tin } = flow;
      flow.cobalt.full(tin.cobalt, now);
      const skb = this.#take(tin, flow);
      if (flow === own && !ownDropped) {
        ownDropped = true;
        ownBytes = qdiscPktLen(skb);
      }
      this.overlimits++;
      if (this.#config.ingress) this.#shaper.charge(this.#config.link.weight(skb), tin, now, true);
      this.#dropTaken(skb, tin, DropReason.QDISC_OVERLIMIT);
    }
    const dropped = qlen - this.qlen;
    // The one that came counts as dropped when its flow lost one: those above have not counted it yet.
    const congested = ownDropped && answer === NET_XMIT_SUCCESS;
    this.treeReduceBacklog(congested ? dropped - 1 : dropped, backlog - this.backlog - (congested ? ownBytes : 0));
    return congested ? NET_XMIT_CN : answer;
  }

  /** Takes the first packet out of its queue; the discipline counts it as waiting still. */
  #take(tin: CakeTin, flow: CakeFlow): SkBuff {
    const skb = flow.packets.shift()!;
    this.#forget(skb, tin, flow);
    return skb;
  }

  #forget(skb: SkBuff, tin: CakeTin, flow: CakeFlow): void {
    const bytes = qdiscPktLen(skb);
    flow.backlog -= bytes;
    tin.backlog -= bytes;
    this.#memory -= skb.truesize;
    this.#overload.changed(flow);
  }

  #dropTaken(skb: SkBuff, tin: CakeTin, reason: number): void {
    this.qlen--;
    this.backlog -= qdiscPktLen(skb);
    tin.drops++;
    this.drop(skb, reason);
  }

  /** @kernel net/sched/sch_cake.c cake_dequeue() */
  protected next(): SkBuff | null {
    const now = this.queue.dev.core.clock.now();
    const { shapes, timeNext } = this.#shaper;
    if (shapes && this.qlen > 0 && timeNext > now) {
      this.overlimits++;
      this.#watchdog.schedule(timeNext);
      return null;
    }
    while (this.qlen > 0) {
      const tin = shapes ? this.#tins.byTime(now) : this.#tins.byTurn();
      const skb = this.#fromTin(tin, now);
      if (skb !== null) return this.#sent(skb, tin, now);
    }
    return null;
  }

  /** The next packet of a tin that may leave; null when the flow in turn had none. */
  #fromTin(tin: CakeTin, now: number): SkBuff | null {
    const flow = tin.nextFlow!;
    if (flow.deficit <= 0) {
      flow.deficit += tin.quantumOf(flow);
      tin.toOld(flow);
      return null;
    }
    const skb = this.#fromFlow(tin, flow, now);
    if (skb !== null) {
      flow.deficit -= this.#config.link.weight(skb);
      return skb;
    }
    flow.cobalt.empty(tin.cobalt, now);
    if (flow.ring === tin.newFlows && tin.oldFlows.first !== null) tin.toOld(flow);
    else tin.sleep(flow);
    return null;
  }

  #fromFlow(tin: CakeTin, flow: CakeFlow, now: number): SkBuff | null {
    while (flow.packets.length > 0) {
      const skb = this.#take(tin, flow);
      const draw = flow.cobalt.pDrop === 0 ? 1 : this.#random.fraction();
      const last = flow.packets.length === 0;
      const delay = now - cbTime(skb);
      const drop = flow.cobalt.shouldDrop(skb, delay, tin.cobalt, tin.bulkFlows, now, draw);
      if (flow.cobalt.marked) tin.marks++;
      if (!drop || last) {
        tin.waited(delay);
        return skb;
      }
      const bytes = qdiscPktLen(skb);
      if (this.#config.ingress) {
        flow.deficit -= this.#config.link.weight(skb);
        this.#shaper.charge(this.#config.link.weight(skb), tin, now, true);
      }
      this.#dropTaken(skb, tin, DropReason.QDISC_CONGESTED);
      this.treeReduceBacklog(1, bytes);
    }
    return null;
  }

  #sent(skb: SkBuff, tin: CakeTin, now: number): SkBuff {
    tin.packets++;
    tin.bytes += qdiscPktLen(skb);
    this.#shaper.charge(this.#config.link.weight(skb), tin, now, false);
    this.dequeued(skb);
    return skb;
  }

  protected purge(): void {
    for (const tin of this.#tins.all) tin.reset();
    this.#overload.clear();
    this.#memory = 0;
    this.#shaper.reset();
    this.#watchdog.cancel();
  }

  override destroy(): void {
    this.#watchdog.cancel();
  }

  override dump(): Record<string, unknown> {
    return this.#config.dump();
  }

  override xstats(): Record<string, unknown> {
    const { memoryLimit, autorate, diffserv } = this.#config;
    return {
      memory_used: `${formatSize(this.#mostMemory)} of ${formatSize(memoryLimit)}`,
      ...(autorate && { capacity_estimate: formatRate(Math.floor(this.#capacity.peak)) }),
      tins: describeTins(this.#tins.inOrder, diffserv),
    };
  }
}

export const cakeKind = (random: Random): QdiscKind => ({
  kind: 'cake',
  create: (queue, options) => new Cake(queue, options as CakeOptions, random),
});
