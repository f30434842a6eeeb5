import { share, whole } from '../base/options.ts';
import { bytesPerSecond, formatRate, formatTime, nanoseconds, type Duration, type Rate } from '../base/units.ts';
import { distributionName, type Distribution } from './distribution.ts';
import { percent, withCorrelation, type FourStates, type GilbertElliott } from './loss.ts';
import type { NetemSlot } from './slot.ts';

/** What a bad network does. Shares and correlations are from 0 to 1. */
export interface NetemOptions {
  /** Packets; 1000 unless given. */
  limit?: number;
  delay?: Duration;
  /** How much the delay varies, how much each depends on the one before, and in which distribution. */
  jitter?: Duration;
  delayCorrelation?: number;
  distribution?: Distribution;
  loss?: number;
  lossCorrelation?: number;
  gemodel?: GilbertElliott;
  lossState?: FourStates;
  /** Marks what would be lost, where the transport understands marks. */
  ecn?: boolean;
  duplicate?: number;
  duplicateCorrelation?: number;
  /** Turns one bit over. */
  corrupt?: number;
  corruptCorrelation?: number;
  /** So many leave at once, without delay; of every {@link gap}th packet when that is given. */
  reorder?: number;
  reorderCorrelation?: number;
  gap?: number;
  rate?: Rate;
  /** Bytes that each packet has more, at the rate; and cells in which it travels. */
  packetOverhead?: number;
  cellSize?: number;
  cellOverhead?: number;
  slot?: NetemSlot;
  /** Of random numbers of its own; the host's unless given. */
  seed?: number;
}

/** The same, ready for use. @kernel net/sched/sch_netem.c netem_change() */
export class NetemConfig {
  limit = 1000;
  delay = 0;
  jitter = 0;
  distribution: Distribution = 'uniform';
  duplicate = 0;
  corrupt = 0;
  reorder = 0;
  gap = 0;
  ecn = false;
  /** Bytes a second; 0 when there is none. */
  rate = 0;
  packetOverhead = 0;
  cellSize = 0;
  cellOverhead = 0;

  constructor(options: NetemOptions) {
    this.limit = whole('netem', 'limit', options.limit ?? 1000);
    this.delay = nanoseconds(options.delay ?? 0);
    this.jitter = nanoseconds(options.jitter ?? 0);
    this.distribution = options.distribution ?? 'uniform';
    this.duplicate = share('netem', 'duplicate', options.duplicate ?? 0);
    this.corrupt = share('netem', 'corrupt', options.corrupt ?? 0);
    this.reorder = share('netem', 'reorder', options.reorder ?? 0);
    this.gap = whole('netem', 'gap', options.gap ?? (this.reorder > 0 ? 1 : 0));
    this.ecn = options.ecn ?? false;
    this.rate = options.rate === undefined ? 0 : bytesPerSecond(options.rate);
    this.packetOverhead = options.packetOverhead ?? 0;
    this.cellSize = whole('netem', 'cellSize', options.cellSize ?? 0);
    this.cellOverhead = options.cellOverhead ?? 0;
  }

  /** How long a packet takes at the rate, ns. @kernel net/sched/sch_netem.c packet_time_ns() */
  timeOf(bytes: number): number {
    let length = bytes + this.packetOverhead;
    if (this.cellSize > 0) length = Math.ceil(length / this.cellSize) * (this.cellSize + this.cellOverhead);
    return Math.floor((length * 1e9) / this.rate);
  }

  /** In the order of tc. @kernel tc/q_netem.c netem_print_opt() */
  dump(options: NetemOptions, loss: Record<string, unknown>, slot: Record<string, unknown>): Record<string, unknown> {
    const { delay, jitter, distribution, duplicate, corrupt, reorder, gap, rate, ecn } = this;
    const { delayCorrelation, duplicateCorrelation, corruptCorrelation, reorderCorrelation, seed } = options;
    return {
      limit: this.limit,
      ...(delay + jitter > 0 && { delay: delayText(delay, jitter, delayCorrelation) }),
      ...(distribution !== 'uniform' && { distribution: distributionName(distribution) }),
      ...loss,
      ...(duplicate > 0 && { duplicate: withCorrelation(duplicate, duplicateCorrelation) }),
      ...(reorder > 0 && { reorder: withCorrelation(reorder, reorderCorrelation) }),
      ...(corrupt > 0 && { corrupt: withCorrelation(corrupt, corruptCorrelation) }),
      ...(rate > 0 && this.#dumpRate()),
      ...(ecn && { ecn }),
      ...(gap > 0 && { gap }),
      ...slot,
      ...(seed !== undefined && { seed }),
    };
  }

  #dumpRate(): Record<string, unknown> {
    const { packetOverhead, cellSize, cellOverhead } = this;
    return {
      rate: formatRate(this.rate), ...(packetOverhead !== 0 && { packetoverhead: packetOverhead }),
      ...(cellSize !== 0 && { cellsize: cellSize }), ...(cellOverhead !== 0 && { celloverhead: cellOverhead }),
    }; // prettier-ignore
  }
}

function delayText(delay: number, jitter: number, correlation = 0): string {
  if (jitter === 0) return formatTime(delay);
  const text = `${formatTime(delay)} ${formatTime(jitter)}`;
  return correlation === 0 ? text : `${text} ${percent(correlation)}`;
}
