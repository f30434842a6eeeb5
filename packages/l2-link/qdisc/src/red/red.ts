import { MSEC, type Random } from '@stack/clock';
import { NET_XMIT_CN, Qdisc, type NetdevQueue, type QdiscKind } from '@stack/netdev';
import { DropReason, type SkBuff } from '@stack/skb';
import { enqueueBelow } from '../base/child.ts';
import { inetEcnSetCe } from '../base/ecn.ts';
import { LeafClasses } from '../base/leaves.ts';
import { badOption, share, whole } from '../base/options.ts';
import { bytesOf, bytesPerSecond, formatSize, type Rate, type Size } from '../base/units.ts';
import { Fifo } from '../fifo.ts';
import { DONT_MARK, PROB_MARK, RedAverage, wlogFor, type RedParams } from './average.ts';

export interface RedOptions {
  /** Most bytes that wait. */
  limit?: Size;
  /** The average from which packets are marked; a third of max unless given. */
  min?: Size;
  /** The average from which all are marked; a quarter of the limit unless given. */
  max?: Size;
  /** Size of an average packet; 1000 unless given. */
  avpkt?: Size;
  /** Packets that may come at once. */
  burst?: number;
  /** The share of packets that is marked when the average reaches max; 0.02 unless given. */
  probability?: number;
  /** How fast the queue is served, to guess what went on while nothing waited; 10 Mbit/s unless given. */
  bandwidth?: Rate;
  /** Marks packets whose transport understands marks, instead of dropping them. */
  ecn?: boolean;
  /** With ecn: drops above max. */
  harddrop?: boolean;
  /** With ecn: lets pass what cannot be marked. */
  nodrop?: boolean;
  /** Moves the probability so that the average stays between min and max. */
  adaptive?: boolean;
}

const ADAPT_EVERY = 500 * MSEC;
/** After a pause so long the probability has reached its bound. */
const MOST_STEPS = 100;

/**
 * Drops, or marks, some packets before the queue is full.
 *
 * @kernel net/sched/sch_red.c red_qdisc_ops
 */
class Red extends Qdisc {
  readonly kind = 'red';
  override readonly classes: LeafClasses;
  readonly #red: RedAverage;
  #adapted = 0;
  #options: RedOptions = {};
  #limit = 0;
  readonly #marks = { forcedDrop: 0, forcedMark: 0, probDrop: 0, probMark: 0, pdrop: 0 };

  constructor(queue: NetdevQueue, options: RedOptions, random: Random) {
    super(queue);
    this.#red = new RedAverage(() => random.fraction());
    this.#adapted = this.#now();
    this.#configure(options);
    this.classes = new LeafClasses(this, () => new Fifo('bfifo', queue, { limit: this.#limit }));
    this.classes.resize(1);
  }

  /** @kernel net/sched/sch_red.c red_change() */
  override change(options: RedOptions): void {
    this.#configure(options);
    const [leaf] = this.classes.leaves;
    if (leaf instanceof Fifo && leaf.handle === 0) leaf.change({ limit: this.#limit });
    if (this.qlen === 0) this.#red.beginIdle(this.#now());
  }

  #configure(given: RedOptions): void {
    const options = { ...this.#options, ...given };
    if (options.nodrop === true && options.ecn !== true) throw badOption('red', 'nodrop without ecn', 'give both');
    if (options.limit === undefined) throw badOption('red', 'no limit', 'give one, in bytes');
    const limit = bytesOf(options.limit);
    this.#red.configure(paramsOf(options, limit));
    this.#options = options;
    this.#limit = limit;
  }

  /** @kernel net/sched/sch_red.c red_enqueue() */
  enqueue(skb: SkBuff): number {
    const red = this.#red;
    const [leaf] = this.classes.leaves;
    const now = this.#now();
    if (this.#options.adaptive === true) this.#adapt(now);
    red.update(leaf.backlog, now);
    if (red.idle) red.endIdle();
    const action = red.action();
    if (action !== DONT_MARK && !this.#mark(skb, action === PROB_MARK)) {
      this.drop(skb, DropReason.QDISC_CONGESTED);
      return NET_XMIT_CN;
    }
    const { drops } = this;
    const answer = enqueueBelow(this, leaf, skb);
    this.#marks.pdrop += this.drops - drops;
    return answer;
  }

  /** False when the packet must go. */
  #mark(skb: SkBuff, early: boolean): boolean {
    const { ecn, harddrop, nodrop } = this.#options;
    this.overlimits++;
    if (ecn === true && (early || harddrop !== true)) {
      if (inetEcnSetCe(skb)) {
        if (early) this.#marks.probMark++;
        else this.#marks.forcedMark++;
        return true;
      }
      if (nodrop === true) return true;
    }
    if (early) this.#marks.probDrop++;
    else this.#marks.forcedDrop++;
    return false;
  }

  /** @kernel net/sched/sch_red.c red_dequeue() */
  dequeue(): SkBuff | null {
    const skb = this.classes.leaves[0].dequeue();
    if (skb !== null) this.dequeued(skb);
    else if (!this.#red.idle) this.#red.beginIdle(this.#now());
    return skb;
  }

  peek(): SkBuff | null {
    return this.classes.leaves[0].peek();
  }

  reset(): void {
    this.classes.reset();
    this.#red.restart();
    this.qlen = 0;
    this.backlog = 0;
  }

  override destroy(): void {
    this.classes.destroy();
  }

  /** Catches up with the steps that a timer would have made. @kernel net/sched/sch_red.c red_adaptative_timer() */
  #adapt(now: number): void {
    const steps = Math.floor((now - this.#adapted) / ADAPT_EVERY);
    for (let step = Math.min(steps, MOST_STEPS); step > 0; step--) this.#red.adapt();
    this.#adapted += steps * ADAPT_EVERY;
  }

  #now(): number {
    return this.queue.dev.core.clock.now();
  }

  override dump(): Record<string, unknown> {
    const { min, max, wlog } = this.#red.params;
    const { ecn, harddrop, nodrop, adaptive } = this.#options;
    return {
      limit: formatSize(this.#limit), min: formatSize(min), max: formatSize(max),
      ...(ecn && { ecn }), ...(harddrop && { harddrop }), ...(adaptive && { adaptive }), ...(nodrop && { nodrop }),
      ewma: wlog, probability: Number(this.#red.maxP.toPrecision(5)),
    }; // prettier-ignore
  }

  override xstats(): Record<string, unknown> {
    const { forcedDrop, forcedMark, probDrop, probMark, pdrop } = this.#marks;
    return {
      marked: forcedMark + probMark, early: forcedDrop + probDrop, pdrop, other: 0,
    }; // prettier-ignore
  }
}

/** @kernel tc/q_red.c red_parse_opt() */
function paramsOf(options: RedOptions, limit: number): RedParams {
  const avpkt = whole('red', 'avpkt', bytesOf(options.avpkt ?? 1000), 1);
  const given = options.min === undefined ? 0 : bytesOf(options.min);
  const max = options.max === undefined ? (given > 0 ? given * 3 : Math.floor(limit / 4)) : bytesOf(options.max);
  const min = given > 0 ? given : Math.floor(max / 3);
  if (!(min > 0 && min < max && max <= limit)) {
    throw badOption('red', `min ${min}, max ${max} and limit ${limit}`, 'give them in ascending order');
  }
  const burst = whole('red', 'burst', options.burst ?? Math.floor((2 * min + max) / (3 * avpkt)), 1);
  const probability = share('red', 'probability', options.probability ?? 0.02);
  const packetTime = (avpkt * 1e9) / bytesPerSecond(options.bandwidth ?? '10mbit');
  return { min, max, probability, wlog: wlogFor(min, burst, avpkt), packetTime };
}

export const redKind = (random: Random): QdiscKind => ({
  kind: 'red',
  create: (queue, options) => new Red(queue, options as RedOptions, random),
});
