import { badOption } from '../base/options.ts';
import { bytesOf, bytesPerSecond, formatRate, formatSize, formatTime, nanoseconds } from '../base/units.ts';
import type { Duration, Rate, Size } from '../base/units.ts';
import type { LinkOverhead } from '../base/rate.ts';
import { DIFFSERV, type Diffserv } from './diffserv.ts';
import type { Isolation } from './isolation.ts';

export interface CakeOptions extends LinkOverhead {
  /** The rate of the link behind; none unless given. */
  bandwidth?: Rate;
  /** `diffserv3` unless given. */
  diffserv?: Diffserv;
  /** `triple-isolate` unless given. */
  isolation?: Isolation;
  /** The round trip time for which queues are kept short; 100 ms unless given. */
  rtt?: Duration;
  /** Memory that packets may take; what the rate needs unless given. */
  memlimit?: Size;
  /** Segments large packets, so that others need not wait for them; yes unless given. */
  splitGso?: boolean;
  /** Clears the DS field of packets. */
  wash?: boolean;
}

const LEAST_MEMORY = 4 << 20;
const UNSHAPED_MEMORY = 32 << 20;

/** The same, ready for use. @kernel net/sched/sch_cake.c cake_change() */
export class CakeConfig {
  /** Bytes a second; 0 when there is none. */
  readonly rate: number;
  readonly diffserv: Diffserv;
  readonly isolation: Isolation;
  readonly interval: number;
  readonly target: number;
  readonly memoryLimit: number;
  readonly splitGso: boolean;
  readonly wash: boolean;

  constructor(options: CakeOptions) {
    this.rate = options.bandwidth === undefined ? 0 : bytesPerSecond(options.bandwidth);
    this.diffserv = options.diffserv ?? 'diffserv3';
    if (!(this.diffserv in DIFFSERV)) {
      throw badOption('cake', `diffserv ${this.diffserv}`, `take one of ${Object.keys(DIFFSERV).join(', ')}`);
    }
    this.isolation = options.isolation ?? 'triple-isolate';
    this.interval = nanoseconds(options.rtt ?? '100ms');
    this.target = Math.max(1, Math.floor(this.interval / 20));
    this.splitGso = options.splitGso ?? true;
    this.wash = options.wash ?? false;
    this.memoryLimit = options.memlimit === undefined ? this.#memory() : bytesOf(options.memlimit);
  }

  /** Four times what is under way in a round trip. */
  #memory(): number {
    return this.rate === 0
      ? UNSHAPED_MEMORY
      : Math.max(LEAST_MEMORY, Math.floor((this.rate * this.interval * 4) / 1e9));
  }

  dump(): Record<string, unknown> {
    return {
      bandwidth: this.rate === 0 ? 'unlimited' : formatRate(this.rate), [this.diffserv]: true, [this.isolation]: true,
      ...(this.wash && { wash: true }), ...(this.splitGso && { 'split-gso': true }),
      rtt: formatTime(this.interval), memlimit: formatSize(this.memoryLimit),
    }; // prettier-ignore
  }
}
