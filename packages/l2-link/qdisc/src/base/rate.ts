/** How the link below frames packets. ATM cuts them into cells of 53 bytes that carry 48. */
export type LinkLayer = 'ethernet' | 'atm';

/** What a link adds to each packet. */
export interface LinkOverhead {
  /** Bytes that each packet has beyond its frame; may be negative. */
  overhead?: number;
  /** Bytes of the smallest frame. */
  mpu?: number;
  linklayer?: LinkLayer;
}

const NSEC_PER_SEC = 1_000_000_000n;
const TOP_BIT = 1n << 31n;

/**
 * How long packets take at a rate, in ns: as `len * mult / 2^shift`, rounded as the kernel rounds.
 *
 * @kernel include/net/sch_generic.h struct psched_ratecfg
 */
export class RateConfig {
  /** Bytes a second. */
  readonly rate: number;
  readonly overhead: number;
  readonly mpu: number;
  readonly linklayer: LinkLayer;
  readonly #mult: number;
  readonly #divisor: number;

  /** @kernel net/sched/sch_generic.c psched_ratecfg_precompute() */
  constructor(rate: number, link: LinkOverhead = {}) {
    this.rate = rate;
    this.overhead = link.overhead ?? 0;
    this.mpu = link.mpu ?? 0;
    this.linklayer = link.linklayer ?? 'ethernet';
    let factor = NSEC_PER_SEC;
    let shift = 0;
    while (factor / BigInt(rate) < TOP_BIT && factor >> 63n === 0n) {
      factor <<= 1n;
      shift++;
    }
    this.#mult = Number(factor / BigInt(rate));
    this.#divisor = 2 ** shift;
  }

  /** @kernel include/net/sch_generic.h psched_l2t_ns() */
  timeOf(bytes: number): number {
    let length = bytes + this.overhead;
    if (length < this.mpu) length = this.mpu;
    if (this.linklayer === 'atm') length = Math.ceil(length / 48) * 53;
    return Math.floor((length * this.#mult) / this.#divisor);
  }

  /** @kernel net/sched/sch_tbf.c psched_ns_t2l() */
  bytesIn(ns: number): number {
    let length = Math.floor((ns * this.rate) / 1e9);
    if (this.linklayer === 'atm') length = Math.floor(length / 53) * 48;
    return length > this.overhead ? length - this.overhead : 0;
  }
}
