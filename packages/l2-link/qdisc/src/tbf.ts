import {
  NET_XMIT_DROP,
  NET_XMIT_SUCCESS,
  NETIF_F_GSO_MASK,
  QdiscWatchdog,
  qdiscPktLen,
  skbDev,
  skbGsoSegment,
  type NetdevQueue,
  type QdiscKind,
} from '@stack/netdev';
import { DropReason, type SkBuff } from '@stack/skb';
import { AheadQdisc } from './base/ahead.ts';
import { enqueueBelow } from './base/child.ts';
import { LeafClasses } from './base/leaves.ts';
import { badOption, whole } from './base/options.ts';
import { xmitSize } from './base/psched.ts';
import { RateConfig, type LinkOverhead } from './base/rate.ts';
import { bytesOf, bytesPerSecond, formatRate, formatSize, formatTime, nanoseconds } from './base/units.ts';
import type { Duration, Rate, Size } from './base/units.ts';
import { Fifo } from './fifo.ts';

export interface TbfOptions extends LinkOverhead {
  rate?: Rate;
  /** What may leave at once after a pause. At least a packet: larger ones are dropped, or segmented. */
  burst?: Size;
  /** How much waits at most; or {@link latency}. */
  limit?: Size;
  /** How long packets wait at most. */
  latency?: Duration;
  /** How fast the burst leaves; with {@link mtu}. */
  peakrate?: Rate;
  /** The burst at the peak rate. */
  mtu?: Size;
}

/**
 * Sends at a rate. Tokens of 1 ns each come with time, up to the burst; a packet takes as many as it lasts at the rate.
 *
 * @kernel net/sched/sch_tbf.c tbf_qdisc_ops
 */
class Tbf extends AheadQdisc {
  readonly kind = 'tbf';
  override readonly classes: LeafClasses;
  readonly #watchdog = new QdiscWatchdog(this);
  #options: TbfOptions = {};
  #rate!: RateConfig;
  #peak: RateConfig | null = null;
  /** Most tokens, of the rate and of the peak rate. */
  #buffer = 0;
  #mtu = 0;
  /** Of the bfifo, bytes. */
  #limit = 0;
  /** The largest packet, in bytes. */
  #maxSize = 0;
  #tokens = 0;
  #peakTokens = 0;
  /** When the tokens were counted last. */
  #checkpoint = 0;

  constructor(queue: NetdevQueue, options: TbfOptions) {
    super(queue);
    this.#configure(options);
    this.classes = new LeafClasses(this, () => new Fifo('bfifo', queue, { limit: this.#limit }));
    this.classes.resize(1);
    this.#refill();
  }

  /** @kernel net/sched/sch_tbf.c tbf_change() */
  override change(options: TbfOptions): void {
    this.#configure(options);
    const [leaf] = this.classes.leaves;
    if (leaf instanceof Fifo && leaf.handle === 0) leaf.change({ limit: this.#limit });
    this.#refill();
  }

  #configure(given: TbfOptions): void {
    const options = { ...this.#options, ...given };
    if (given.latency !== undefined) options.limit = given.limit;
    const { rate, burst, latency, limit, peakrate } = options;
    if (rate === undefined || burst === undefined || (limit === undefined && latency === undefined)) {
      throw badOption('tbf', 'an open end', 'give rate, burst, and limit or latency');
    }
    const config = new RateConfig(bytesPerSecond(rate), options);
    const size = whole('tbf', 'burst', bytesOf(burst), 1);
    const peak = peakrate === undefined ? null : new RateConfig(bytesPerSecond(peakrate), options);
    if (peak !== null && peak.rate <= config.rate) {
      throw badOption('tbf', 'a peakrate that is not above its rate', 'raise it, or leave it out');
    }
    const mtu = peak === null ? 0 : whole('tbf', 'mtu', bytesOf(options.mtu ?? 0), 1);
    this.#limit = limit === undefined ? limitOf(config, size, peak, mtu, nanoseconds(latency!)) : bytesOf(limit);
    this.#options = options;
    this.#rate = config;
    this.#peak = peak;
    this.#buffer = config.timeOf(size);
    this.#mtu = peak === null ? 0 : peak.timeOf(mtu);
    this.#maxSize = peak === null ? size : Math.min(size, mtu);
  }

  #refill(): void {
    this.#tokens = this.#buffer;
    this.#peakTokens = this.#mtu;
    this.#checkpoint = this.queue.dev.core.clock.now();
  }

  /** @kernel net/sched/sch_tbf.c tbf_enqueue() */
  enqueue(skb: SkBuff): number {
    if (qdiscPktLen(skb) <= this.#maxSize) return enqueueBelow(this, this.classes.leaves[0], skb);
    if (skb.isGso) return this.#segment(skb);
    this.drop(skb, DropReason.QDISC_DROP);
    return NET_XMIT_DROP;
  }

  /**
   * Queues the segments of a packet that is larger than the burst.
   *
   * @kernel net/sched/sch_tbf.c tbf_segment()
   */
  #segment(skb: SkBuff): number {
    const bytes = qdiscPktLen(skb);
    const before = this.backlog;
    let queued = 0;
    const segments = skbGsoSegment(skb, skbDev(skb).features & ~NETIF_F_GSO_MASK);
    for (let part = segments; part !== null;) {
      const next: SkBuff | null = part.next;
      part.next = null;
      if (this.#enqueueSegment(part)) queued++;
      part = next;
    }
    if (queued === 0) {
      if (segments === null) this.drops++;
      skb.drop(DropReason.QDISC_DROP);
      return NET_XMIT_DROP;
    }
    skb.consume();
    // Those above will count one packet of the old length.
    this.treeReduceBacklog(1 - queued, bytes - (this.backlog - before));
    return NET_XMIT_SUCCESS;
  }

  #enqueueSegment(part: SkBuff): boolean {
    if (part.len <= this.#maxSize) return enqueueBelow(this, this.classes.leaves[0], part) === NET_XMIT_SUCCESS;
    this.drop(part, DropReason.QDISC_DROP);
    return false;
  }

  /** @kernel net/sched/sch_tbf.c tbf_dequeue() */
  protected next(): SkBuff | null {
    const leaf = this.classes.leaves[0];
    const first = leaf.peek();
    if (first === null) return null;
    const bytes = qdiscPktLen(first);
    const now = this.queue.dev.core.clock.now();
    let tokens = Math.min(now - this.#checkpoint, this.#buffer);
    let peakTokens = 0;
    if (this.#peak !== null) {
      peakTokens = Math.min(tokens + this.#peakTokens, this.#mtu) - this.#peak.timeOf(bytes);
    }
    tokens = Math.min(tokens + this.#tokens, this.#buffer) - this.#rate.timeOf(bytes);
    if (tokens < 0 || peakTokens < 0) {
      this.#watchdog.schedule(now + Math.max(-tokens, -peakTokens));
      this.overlimits++;
      return null;
    }
    const skb = leaf.dequeue();
    if (skb === null) return null;
    this.#checkpoint = now;
    this.#tokens = tokens;
    this.#peakTokens = peakTokens;
    this.dequeued(skb);
    return skb;
  }

  protected purge(): void {
    this.classes.reset();
    this.#refill();
    this.#watchdog.cancel();
  }

  override destroy(): void {
    this.#watchdog.cancel();
    this.classes.destroy();
  }

  /** In the order of tc. @kernel tc/q_tbf.c tbf_print_opt() */
  override dump(): Record<string, unknown> {
    const { rate, overhead, mpu, linklayer } = this.#rate;
    const peak = this.#peak;
    const cell = `/1 mpu ${formatSize(mpu)}`;
    const latency = latencyOf(this.#limit, rate, this.#buffer);
    const longest = peak === null ? latency : Math.max(latency, latencyOf(this.#limit, peak.rate, this.#mtu));
    return {
      rate: formatRate(rate), burst: `${formatSize(xmitSize(rate, this.#buffer))}${cell}`,
      ...(peak !== null && {
        peakrate: formatRate(peak.rate), mtu: `${formatSize(xmitSize(peak.rate, this.#mtu))}${cell}`,
      }),
      ...(longest < 0 ? { limit: formatSize(this.#limit) } : { lat: formatTime(longest) }),
      ...(overhead !== 0 && { overhead }), linklayer,
    }; // prettier-ignore
  }
}

/** How long the last of so many bytes waits, ns. */
const latencyOf = (limit: number, rate: number, buffer: number): number => (limit * 1e9) / rate - buffer;

/** The bytes that leave within the latency: the burst at once, or at the peak rate, and then at the rate. */
function limitOf(rate: RateConfig, burst: number, peak: RateConfig | null, mtu: number, latency: number): number {
  const limit = Math.floor((rate.rate * latency) / 1e9) + burst;
  return peak === null ? limit : Math.min(limit, Math.floor((peak.rate * latency) / 1e9) + mtu);
}

export const tbfKind: QdiscKind = { kind: 'tbf', create: (queue, options) => new Tbf(queue, options) };
