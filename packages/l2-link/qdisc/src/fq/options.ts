import { badOption, whole } from '../base/options.ts';
import { bytesOf, bytesPerSecond, formatRate, formatSize, formatTime, nanoseconds } from '../base/units.ts';
import type { Duration, Rate, Size } from '../base/units.ts';

export interface FqOptions {
  /** Packets of one band, and of one flow; 10000 and 100 unless given. */
  limit?: number;
  flowLimit?: number;
  /** Bytes that a flow sends in a round: two frames unless given; and in its first round: ten frames. */
  quantum?: Size;
  initialQuantum?: Size;
  /** What no flow exceeds. */
  maxrate?: Rate;
  /** Whether rates and departure times are honoured; yes unless given. */
  pacing?: boolean;
  /** Buckets of the table of flows, a power of two; fixed at creation, 1024 unless given. */
  buckets?: number;
  /** Bits of the hash that tell packets apart which no socket of this host sent; 1023 unless given. */
  orphanMask?: number;
  /** After such a pause a flow has at least a quantum; 40 ms unless given. */
  refillDelay?: Duration;
  /** A flow slower than that sends one packet a round; 550 kbit/s unless given. */
  lowRateThreshold?: Rate;
  /** Marks packets that leave so much later than they might. */
  ceThreshold?: Duration;
  /** How far ahead a departure time may lie, 10 s unless given; and whether a packet beyond is dropped or leaves then. */
  horizon?: Duration;
  horizonDrop?: boolean;
  /** The timer is not moved for a packet that would leave up to so much earlier; 10 us unless given. */
  timerSlack?: Duration;
  /** How much earlier packets go to a device that paces by itself. None of ours does: 0 is all it can be. */
  offloadHorizon?: Duration;
  /** The band of each of the 16 priorities; and the bytes of each band in a round. */
  priomap?: readonly number[];
  weights?: readonly number[];
}

export const FQ_BANDS = 3;
/** @kernel include/uapi/linux/pkt_sched.h FQ_MIN_WEIGHT */
const LEAST_WEIGHT = 16_384;
const MOST_BUCKETS = 1 << 18;
const INT_MAX = 2 ** 31 - 1;

/** The same, checked. @kernel net/sched/sch_fq.c fq_change() */
export class FqConfig {
  limit = 10_000;
  flowLimit = 100;
  quantum: number;
  initialQuantum: number;
  /** Bytes a second; Infinity when there is none. */
  maxrate = Infinity;
  pacing = true;
  buckets = 1024;
  orphanMask = 1023;
  refillDelay = 40e6;
  timerSlack = 10_000;
  lowRateThreshold = 550_000 / 8;
  ceThreshold = Infinity;
  horizon = 10e9;
  horizonDrop = true;
  priomap: readonly number[] = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];
  weights: readonly number[] = [9 << 16, 3 << 16, 1 << 16];

  constructor(mtu: number) {
    this.quantum = 2 * mtu;
    this.initialQuantum = 10 * mtu;
  }

  change(options: FqOptions, created: boolean): void {
    const { buckets = this.buckets, priomap = this.priomap, weights = this.weights, offloadHorizon = 0 } = options;
    const isPower = whole('fq', 'buckets', buckets, 1, MOST_BUCKETS) && (buckets & (buckets - 1)) === 0;
    if ((created && buckets !== this.buckets) || !isPower) {
      throw badOption('fq', `${buckets} buckets`, 'give a power of two, at creation');
    }
    if (nanoseconds(offloadHorizon) > 0) {
      throw badOption(
        'fq',
        `an offloadHorizon of ${offloadHorizon}`,
        'leave it out: the device does not pace by itself',
      );
    }
    if (priomap.length !== 16 || priomap.some((band) => !(Number.isInteger(band) && band >= 0 && band < FQ_BANDS))) {
      throw badOption('fq', `the priomap [${priomap.join(' ')}]`, 'give 16 bands from 0 to 2');
    }
    if (weights.length !== FQ_BANDS || weights.some((weight) => !(weight >= LEAST_WEIGHT))) {
      throw badOption('fq', `the weights [${weights.join(' ')}]`, `give three, each ${LEAST_WEIGHT} or more`);
    }
    const { maxrate, lowRateThreshold, ceThreshold } = options;
    const quantum = whole('fq', 'quantum', bytesOf(options.quantum ?? this.quantum), 1, 1 << 20);
    const times = {
      timerSlack: nanoseconds(options.timerSlack ?? this.timerSlack),
      refillDelay: nanoseconds(options.refillDelay ?? this.refillDelay),
      horizon: nanoseconds(options.horizon ?? this.horizon),
      ceThreshold: ceThreshold === undefined ? this.ceThreshold : nanoseconds(ceThreshold),
    };
    const rates = {
      maxrate: maxrate === undefined ? this.maxrate : bytesPerSecond(maxrate),
      lowRateThreshold: lowRateThreshold === undefined ? this.lowRateThreshold : bytesPerSecond(lowRateThreshold),
    };
    this.limit = whole('fq', 'limit', options.limit ?? this.limit);
    this.flowLimit = whole('fq', 'flowLimit', options.flowLimit ?? this.flowLimit, 1);
    this.initialQuantum = whole(
      'fq',
      'initialQuantum',
      bytesOf(options.initialQuantum ?? this.initialQuantum),
      0,
      INT_MAX,
    );
    this.orphanMask = whole('fq', 'orphanMask', options.orphanMask ?? this.orphanMask);
    this.pacing = options.pacing ?? this.pacing;
    this.horizonDrop = options.horizonDrop ?? this.horizonDrop;
    Object.assign(this, times, rates, { buckets, priomap, weights, quantum });
  }

  /** In the order of tc. @kernel tc/q_fq.c fq_print_opt() */
  dump(): Record<string, unknown> {
    return {
      limit: `${this.limit}p`, flow_limit: `${this.flowLimit}p`, buckets: this.buckets, orphan_mask: this.orphanMask,
      bands: FQ_BANDS, priomap: this.priomap, weights: this.weights, ...(!this.pacing && { nopacing: true }),
      quantum: formatSize(this.quantum), initial_quantum: formatSize(this.initialQuantum),
      ...(this.maxrate < Infinity && { maxrate: formatRate(this.maxrate) }),
      low_rate_threshold: formatRate(this.lowRateThreshold), refill_delay: formatTime(this.refillDelay),
      ...(this.ceThreshold < Infinity && { ce_threshold: formatTime(this.ceThreshold) }),
      timer_slack: formatTime(this.timerSlack), horizon: formatTime(this.horizon), [this.horizonDrop ? 'horizon_drop' : 'horizon_cap']: true,
    }; // prettier-ignore
  }
}
