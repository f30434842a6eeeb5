import { qdiscPktLen, type Qdisc } from '@stack/netdev';
import type { SkBuff } from '@stack/skb';
import { cbTime } from '../base/cb.ts';
import { dsFieldOf, inetEcnSetCe } from '../base/ecn.ts';
import { formatTime, nanoseconds, type Duration } from '../base/units.ts';

/** What one says of CoDel. */
export interface CodelParams {
  /** The delay that is well; 5 ms unless given. */
  target?: Duration;
  /** How long the delay may be above it; about the round trip time, 100 ms unless given. */
  interval?: Duration;
  /** Marks packets whose transport understands marks, instead of dropping them. */
  ecn?: boolean;
  /** Marks every packet that waited longer. */
  ceThreshold?: Duration;
}

/** The same, ready for use. @kernel include/net/codel.h struct codel_params */
export class CodelConfig {
  target = 5_000_000;
  interval = 100_000_000;
  ecn: boolean;
  ceThreshold = Infinity;
  /** Of the DS field: the packets that {@link ceThreshold} marks have `selector` under `mask`; all when it is 0. */
  selector = 0;
  mask = 0;
  /** With so little waiting nothing is dropped: a frame of the device. */
  readonly mtu: number;

  constructor(mtu: number, ecn: boolean) {
    this.mtu = mtu;
    this.ecn = ecn;
  }

  change(params: CodelParams): void {
    const target = nanoseconds(params.target ?? this.target);
    const interval = nanoseconds(params.interval ?? this.interval);
    if (params.ceThreshold !== undefined) this.ceThreshold = nanoseconds(params.ceThreshold);
    this.target = target;
    this.interval = interval;
    this.ecn = params.ecn ?? this.ecn;
  }

  dump(): Record<string, unknown> {
    return {
      target: formatTime(this.target),
      ...(this.ceThreshold < Infinity && { ce_threshold: formatTime(this.ceThreshold) }),
      ...(this.mask !== 0 && { ce_threshold_selector: `${hex(this.selector)}/${hex(this.mask)}` }),
      interval: formatTime(this.interval),
    };
  }
}

const hex = (byte: number): string => `0x${byte.toString(16)}`;

/** Where CoDel takes packets from. */
export interface CodelSource {
  /** The next packet, with its arrival time in `cb`; its bytes are no longer in {@link codelBacklog}. */
  codelShift(): SkBuff | null;
  /** Bytes that wait. */
  codelBacklog(): number;
  /** Drops a packet that CoDel took. */
  codelDrop(skb: SkBuff): void;
}

/** What CoDel did, for all flows of a discipline. @kernel include/net/codel.h struct codel_stats */
export class CodelStats {
  maxpacket = 0;
  ecnMark = 0;
  ceMark = 0;
}

/** A control law that is long forgotten starts again from one drop an interval. @rfc 8289 5.5 */
const MEMORY = 16;

/**
 * CoDel's state for one queue: when the delay stays above the target for an interval, it drops, at shorter and shorter
 * intervals, until the delay is below.
 *
 * @kernel include/net/codel.h struct codel_vars
 * @rfc 8289 5
 */
export class CodelState {
  /** Drops in this and in the last phase of dropping. */
  count = 0;
  lastCount = 0;
  dropping = false;
  /** When the delay will have been above the target for an interval; 0 while it is below. */
  firstAboveTime = 0;
  dropNext = 0;
  /** How long the packet waited that was taken last, ns. */
  ldelay = 0;

  reset(): void {
    this.count = 0;
    this.lastCount = 0;
    this.dropping = false;
    this.firstAboveTime = 0;
    this.dropNext = 0;
    this.ldelay = 0;
  }

  /** The next packet that may leave. @kernel include/net/codel_impl.h codel_dequeue() */
  dequeue(source: CodelSource, config: CodelConfig, stats: CodelStats, now: number): SkBuff | null {
    let skb = source.codelShift();
    if (skb === null) {
      this.firstAboveTime = 0;
      this.dropping = false;
      return null;
    }
    const drop = this.#shouldDrop(skb, source, config, stats, now);
    if (this.dropping) {
      if (!drop) this.dropping = false;
      else skb = this.#goOnDropping(skb, source, config, stats, now);
    } else if (drop) {
      skb = this.#startDropping(skb, source, config, stats, now);
    }
    if (skb !== null && this.ldelay > config.ceThreshold) markOverThreshold(skb, config, stats);
    return skb;
  }

  /** @kernel include/net/codel_impl.h codel_should_drop() */
  #shouldDrop(skb: SkBuff | null, source: CodelSource, config: CodelConfig, stats: CodelStats, now: number): boolean {
    if (skb === null) {
      this.firstAboveTime = 0;
      return false;
    }
    const bytes = qdiscPktLen(skb);
    this.ldelay = now - cbTime(skb);
    if (bytes > stats.maxpacket) stats.maxpacket = bytes;
    if (this.ldelay < config.target || source.codelBacklog() <= config.mtu) {
      this.firstAboveTime = 0;
      return false;
    }
    if (this.firstAboveTime !== 0) return now > this.firstAboveTime;
    this.firstAboveTime = now + config.interval;
    return false;
  }

  #goOnDropping(
    first: SkBuff,
    source: CodelSource,
    config: CodelConfig,
    stats: CodelStats,
    now: number,
  ): SkBuff | null {
    let skb: SkBuff | null = first;
    while (skb !== null && this.dropping && now >= this.dropNext) {
      this.count++;
      if (config.ecn && inetEcnSetCe(skb)) {
        stats.ecnMark++;
        this.dropNext = this.#controlLaw(this.dropNext, config);
        return skb;
      }
      source.codelDrop(skb);
      skb = source.codelShift();
      if (this.#shouldDrop(skb, source, config, stats, now)) this.dropNext = this.#controlLaw(this.dropNext, config);
      else this.dropping = false;
    }
    return skb;
  }

  #startDropping(
    first: SkBuff,
    source: CodelSource,
    config: CodelConfig,
    stats: CodelStats,
    now: number,
  ): SkBuff | null {
    let skb: SkBuff | null = first;
    if (config.ecn && inetEcnSetCe(first)) {
      stats.ecnMark++;
    } else {
      source.codelDrop(first);
      skb = source.codelShift();
      this.#shouldDrop(skb, source, config, stats, now);
    }
    this.dropping = true;
    const delta = this.count - this.lastCount;
    this.count = delta > 1 && now - this.dropNext < MEMORY * config.interval ? delta : 1;
    this.lastCount = this.count;
    this.dropNext = this.#controlLaw(now, config);
    return skb;
  }

  /** When to drop the next one. @rfc 8289 5.6 */
  #controlLaw(from: number, config: CodelConfig): number {
    return from + Math.floor(config.interval / Math.sqrt(this.count));
  }
}

function markOverThreshold(skb: SkBuff, config: CodelConfig, stats: CodelStats): void {
  if (config.mask !== 0) {
    const field = dsFieldOf(skb);
    if (field < 0 || (field & config.mask) !== config.selector) return;
  }
  if (inetEcnSetCe(skb)) stats.ceMark++;
}

/** The bytes of a frame of the device. @kernel include/net/pkt_sched.h psched_mtu() */
export function pschedMtu(qdisc: Qdisc): number {
  const { mtu, hardHeaderLen } = qdisc.queue.dev;
  return mtu + hardHeaderLen;
}
