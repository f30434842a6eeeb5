import type { Random } from '@stack/clock';
import { FilterChain, NET_XMIT_CN, NET_XMIT_DROP, NET_XMIT_SUCCESS, NETIF_F_GSO_MASK } from '@stack/netdev';
import { qdiscPktLen, QdiscWatchdog, skbDev, skbGsoSegment, type NetdevQueue, type QdiscKind } from '@stack/netdev';
import { isIpv4, DropReason, ip, type SkBuff } from '@stack/skb';
import { AheadQdisc } from '../base/ahead.ts';
import { cbTime, setCbTime } from '../base/cb.ts';
import { classify, NO_MATCH } from '../base/classify.ts';
import { minorOf } from '../base/handle.ts';
import { RateConfig } from '../base/rate.ts';
import { refuse } from '../base/refuse.ts';
import { formatRate } from '../base/units.ts';
import { pschedMtu } from '../codel/control.ts';
import { cobaltParams } from './cobalt.ts';
import { DIFFSERV } from './diffserv.ts';
import type { CakeFlow } from './flow.ts';
import { CakeConfig, type CakeOptions } from './options.ts';
import type { CakeTin } from './tin.ts';
import { CakeTins, fattestFlow } from './tins.ts';
import { washDscp } from './wash.ts';

/** A flow that fills a link this slow sends a few packets a round. */
const LEAST_FLOW_QUANTUM = 300;

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
  #tinOf!: Uint8Array;
  readonly #tins = new CakeTins();
  /** How long bytes take on the link; null without a rate. */
  #link: RateConfig | null = null;
  /** When the link is free again, ns. */
  #timeNext = 0;
  #memory = 0;

  constructor(queue: NetdevQueue, options: CakeOptions, random: Random) {
    super(queue);
    this.#random = random;
    this.change(options);
  }

  /** @kernel net/sched/sch_cake.c cake_change(), cake_reconfigure() */
  override change(given: CakeOptions): void {
    const options = { ...this.#options, ...given };
    const config = new CakeConfig(options);
    const link = config.rate === 0 ? null : new RateConfig(config.rate, options);
    const { tins, tinOf } = DIFFSERV[config.diffserv];
    this.#resize(tins.length);
    this.#options = options;
    this.#config = config;
    this.#link = link;
    this.#tinOf = tinOf;
    const mtu = pschedMtu(this);
    for (const [index, { share, quantum }] of tins.entries()) {
      const tin = this.#tins.all[index];
      tin.rate = Math.floor(config.rate * share);
      tin.quantum = quantum;
      tin.flowQuantum = tin.rate === 0 ? mtu : Math.max(LEAST_FLOW_QUANTUM, Math.min(tin.rate >> 12, mtu));
      tin.cobalt = cobaltParams(tin.rate, mtu, config.target, config.interval);
    }
  }

  /** That many tins; packets in those that go are dropped. */
  #resize(count: number): void {
    const { qlen, backlog } = this;
    for (const tin of this.#tins.resize(count)) {
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
    const tin = this.#tins.all[found === NO_MATCH ? this.#tinFor(skb) : this.#tinNamed(found)];
    const flow = tin.flowOf(skb, this.#config.isolation);
    const now = this.queue.dev.core.clock.now();
    // A link that was idle is free from now on, not since long ago.
    if (this.qlen === 0 && this.#timeNext < now) this.#timeNext = now;
    if (tin.backlog === 0 && tin.timeNext < now) tin.timeNext = now;
    const cut = skb.isGso && this.#config.splitGso;
    const answer = cut ? this.#segment(skb, tin, flow, now) : this.#push(skb, tin, flow, now);
    return this.#memory > this.#config.memoryLimit ? this.#makeRoom(flow, answer, now) : answer;
  }

  /** @kernel net/sched/sch_cake.c cake_select_tin() */
  #tinFor(skb: SkBuff): number {
    const tin = isIpv4(skb) ? this.#tinOf[ip.tos(skb) >> 2] : this.#tinOf[0];
    if (this.#config.wash) washDscp(skb);
    return tin;
  }

  #tinNamed(classid: number): number {
    const tin = minorOf(classid) - 1;
    return tin >= 0 && tin < this.#tins.all.length ? tin : this.#tinOf[0];
  }

  #push(skb: SkBuff, tin: CakeTin, flow: CakeFlow, now: number): number {
    const bytes = qdiscPktLen(skb);
    setCbTime(skb, now);
    flow.packets.push(skb);
    flow.backlog += bytes;
    tin.backlog += bytes;
    this.#memory += skb.truesize;
    this.enqueued(skb);
    if (flow.ring === null) tin.wake(flow);
    return NET_XMIT_SUCCESS;
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
      const tin = this.#tins.fattest;
      const flow = fattestFlow(tin);
      flow.cobalt.full(tin.cobalt, now);
      const skb = this.#take(tin, flow);
      if (flow === own && !ownDropped) {
        ownDropped = true;
        ownBytes = qdiscPktLen(skb);
      }
      this.overlimits++;
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
    const bytes = qdiscPktLen(skb);
    flow.backlog -= bytes;
    tin.backlog -= bytes;
    this.#memory -= skb.truesize;
    return skb;
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
    if (this.#link !== null && this.qlen > 0 && this.#timeNext > now) {
      this.overlimits++;
      this.#watchdog.schedule(this.#timeNext);
      return null;
    }
    while (this.qlen > 0) {
      const tin = this.#link === null ? this.#tins.byTurn() : this.#tins.byTime(now);
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
      flow.deficit -= this.#weight(skb);
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
      if (!flow.cobalt.shouldDrop(skb, now - cbTime(skb), tin.cobalt, tin.bulkFlows, now, draw) || last) return skb;
      const bytes = qdiscPktLen(skb);
      this.#dropTaken(skb, tin, DropReason.QDISC_CONGESTED);
      this.treeReduceBacklog(1, bytes);
    }
    return null;
  }

  /** Bytes of a packet on the link. */
  #weight(skb: SkBuff): number {
    const link = this.#link;
    return link === null ? qdiscPktLen(skb) : Math.max(link.mpu, qdiscPktLen(skb) + link.overhead);
  }

  /** The link, and the tin's share of it, are taken for a while. @kernel net/sched/sch_cake.c cake_advance_shaper() */
  #sent(skb: SkBuff, tin: CakeTin, now: number): SkBuff {
    const bytes = this.#weight(skb);
    tin.deficit -= bytes;
    tin.packets++;
    tin.bytes += bytes;
    if (this.#link !== null) {
      const time = this.#link.timeOf(qdiscPktLen(skb));
      this.#timeNext = Math.max(this.#timeNext, now - time) + time;
      tin.timeNext = Math.max(tin.timeNext, now) + Math.floor((time * this.#config.rate) / tin.rate);
    }
    this.dequeued(skb);
    return skb;
  }

  protected purge(): void {
    for (const tin of this.#tins.all) tin.reset();
    this.#memory = 0;
    this.#timeNext = 0;
    this.#watchdog.cancel();
  }

  override destroy(): void {
    this.#watchdog.cancel();
  }

  override dump(): Record<string, unknown> {
    const { overhead = 0, mpu = 0 } = this.#options;
    return { ...this.#config.dump(), ...(overhead !== 0 && { overhead }), ...(mpu !== 0 && { mpu }) };
  }

  override xstats(): Record<string, unknown> {
    const tins = this.#tins.all.map(({ rate, packets, drops, backlog }, index) => {
      return `tin${index} ${rate === 0 ? '' : `thresh ${formatRate(rate)} `}pkts ${packets} drops ${drops} backlog ${backlog}b`;
    });
    return { memory_used: this.#memory, tins };
  }
}

export const cakeKind = (random: Random): QdiscKind => ({
  kind: 'cake',
  create: (queue, options) => new Cake(queue, options as CakeOptions, random),
});
