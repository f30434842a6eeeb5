import type { Random } from '@stack/clock';

const ALL = 0x1_0000_0000;

/** Shares are 32-bit fractions: 2^32 - 1 is always. */
export function share32(share: number): number {
  return Math.min(Math.round(share * ALL), ALL - 1);
}

/**
 * Random numbers, each of which may depend on the one before.
 *
 * @kernel net/sched/sch_netem.c struct crndstate, get_crandom()
 */
export class Crandom {
  readonly #rho: number;
  #last = 0;
  readonly #random: Random;

  /** `correlation` is a share from 0 to 1. */
  constructor(random: Random, correlation = 0) {
    this.#random = random;
    this.#rho = share32(correlation);
  }

  /** 32 bits, unsigned. */
  next(): number {
    const value = this.#random.int32() >>> 0;
    if (this.#rho === 0) return value;
    const share = this.#rho / ALL;
    this.#last = Math.floor(value * (1 - share) + this.#last * share);
    return this.#last;
  }
}
