import { badOption, whole } from '../base/options.ts';
import { bytesOf, bytesPerSecond, formatRate, formatSize, formatTime, nanoseconds } from '../base/units.ts';
import type { Duration, Rate, Size } from '../base/units.ts';
import type { AckFilter } from './ack-filter.ts';
import { DIFFSERV, type Diffserv } from './diffserv.ts';
import { ISOLATIONS, type Isolation } from './isolation.ts';
import { CakeLink, type CakeLinkOptions } from './link.ts';

export interface CakeOptions extends CakeLinkOptions {
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
  /** Drops acknowledgements that wait when a later one tells the same; no unless given. */
  ackFilter?: AckFilter | boolean;
  /** The link is before this host: what is dropped has crossed it, and counts. */
  ingress?: boolean;
  /** Follows the rate at which packets come; with `ingress`. */
  autorateIngress?: boolean;
  /** Bits of the mark that name the tin, counted from 1; none unless given. */
  fwmark?: number;
  /** Hosts behind NAT. Cannot be had: there is no connection tracking below this floor. */
  nat?: boolean;
}

const LEAST_MEMORY = 4 << 20;
/** Packets of full length that may wait whatever the rate. */
const MOST_PACKETS = 10_240;

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
  readonly ackFilter: AckFilter;
  readonly ingress: boolean;
  readonly autorate: boolean;
  readonly fwmark: number;
  readonly link: CakeLink;

  constructor(options: CakeOptions, mtu: number) {
    if (options.nat === true) throw badOption('cake', 'nat', 'leave it out: connections are not tracked');
    this.rate = options.bandwidth === undefined ? 0 : bytesPerSecond(options.bandwidth);
    this.diffserv = options.diffserv ?? 'diffserv3';
    if (!(this.diffserv in DIFFSERV)) {
      throw badOption('cake', `diffserv ${this.diffserv}`, `take one of ${Object.keys(DIFFSERV).join(', ')}`);
    }
    this.isolation = options.isolation ?? 'triple-isolate';
    if (!ISOLATIONS.includes(this.isolation)) {
      throw badOption('cake', `isolation ${this.isolation}`, `take one of ${ISOLATIONS.join(', ')}`);
    }
    this.interval = nanoseconds(options.rtt ?? '100ms');
    this.target = Math.max(1, Math.floor(this.interval / 20));
    this.splitGso = options.splitGso ?? true;
    this.wash = options.wash ?? false;
    this.ackFilter = ackFilterOf(options.ackFilter ?? false);
    this.autorate = options.autorateIngress ?? false;
    this.ingress = options.ingress ?? this.autorate;
    this.fwmark = whole('cake', 'fwmark', options.fwmark ?? 0);
    this.link = new CakeLink(options);
    this.memoryLimit = this.#memory(options.memlimit === undefined ? 0 : bytesOf(options.memlimit), mtu);
  }

  /** As given, or four times what is under way in a round trip; and never more than so many packets need. */
  #memory(given: number, mtu: number): number {
    const needed =
      this.rate === 0 ? Infinity : Math.max(LEAST_MEMORY, Math.floor((this.rate * this.interval * 4) / 1e9));
    return Math.min(given || needed, Math.max(MOST_PACKETS * mtu, given));
  }

  /** In the order of tc. @kernel tc/q_cake.c cake_print_opt() */
  dump(): Record<string, unknown> {
    return {
      bandwidth: this.rate === 0 ? 'unlimited' : formatRate(this.rate),
      ...(this.autorate && { 'autorate-ingress': true }), [this.diffserv]: true, [this.isolation]: true, nonat: true,
      [this.wash ? 'wash' : 'nowash']: true, ...(this.ingress && { ingress: true }), [this.ackFilter]: true,
      [this.splitGso ? 'split-gso' : 'no-split-gso']: true, rtt: formatTime(this.interval), ...this.link.dump(),
      memlimit: formatSize(this.memoryLimit), ...(this.fwmark !== 0 && { fwmark: `0x${this.fwmark.toString(16)}` }),
    }; // prettier-ignore
  }
}

function ackFilterOf(given: AckFilter | boolean): AckFilter {
  const filter = given === true ? 'ack-filter' : given === false ? 'no-ack-filter' : given;
  if (ACK_FILTERS.includes(filter)) return filter;
  throw badOption('cake', `the ackFilter ${filter}`, `take one of ${ACK_FILTERS.join(', ')}`);
}

const ACK_FILTERS: readonly AckFilter[] = ['no-ack-filter', 'ack-filter', 'ack-filter-aggressive'];
