import { badOption } from '../base/options.ts';
import type { Crandom } from './crandom.ts';

/**
 * One that is known by its name, or the table of one, as the files of tc have it: quantiles with the mean 0, of which 8192
 * are one deviation.
 */
export type Distribution = NamedDistribution | readonly number[];
type NamedDistribution = 'uniform' | 'normal' | 'pareto' | 'paretonormal';

/** What one standard deviation is in a table. @kernel include/uapi/linux/pkt_sched.h NETEM_DIST_SCALE */
const SCALE = 8192;
const ENTRIES = 4096;
/** @kernel include/uapi/linux/pkt_sched.h NETEM_DIST_MAX */
const MOST_ENTRIES = 16_384;
const ALL = 0x1_0000_0000;
const LARGEST = 32_767;
/** The shape that makes pareto's tail long, and yet gives it a variance. */
const ALPHA = 3;

/** Quantiles of each distribution with mean 0 and deviation SCALE, made when they are wanted first. */
const tables = new Map<NamedDistribution, Int16Array>();

function tableOf(distribution: Distribution): Int16Array | null {
  if (distribution === 'uniform') return null;
  if (typeof distribution !== 'string') return tableGiven(distribution);
  const known = tables.get(distribution);
  if (known !== undefined) return known;
  const quantile = QUANTILES[distribution];
  if (quantile === undefined) throw badOption('netem', `the distribution ${distribution}`, `take uniform, ${NAMES}`);
  const table = Int16Array.from({ length: ENTRIES }, (_, i) => {
    const value = Math.round(quantile((i + 0.5) / ENTRIES) * SCALE);
    return Math.max(-LARGEST, Math.min(LARGEST, value));
  });
  tables.set(distribution, table);
  return table;
}

/** @kernel net/sched/sch_netem.c get_dist_table() */
function tableGiven(values: readonly number[]): Int16Array {
  if (values.length === 0 || values.length > MOST_ENTRIES || values.some((value) => Math.abs(value) > LARGEST)) {
    throw badOption('netem', 'such a table', `give up to ${MOST_ENTRIES} numbers of 16 bits`);
  }
  return Int16Array.from(values);
}

/** As it is printed: a table has no name. */
export function distributionName(distribution: Distribution): string {
  return typeof distribution === 'string' ? distribution : 'table';
}

const QUANTILES: Partial<Record<NamedDistribution, (p: number) => number>> = {
  normal: normalQuantile,
  pareto: paretoQuantile,
  paretonormal: (p: number) => 0.25 * normalQuantile(p) + 0.75 * paretoQuantile(p),
};

const NAMES = Object.keys(QUANTILES).join(', ');

/** Of the Pareto distribution, shifted to mean 0 and scaled to deviation 1. */
function paretoQuantile(p: number): number {
  const mean = ALPHA / (ALPHA - 1);
  const deviation = Math.sqrt(ALPHA / ((ALPHA - 1) ** 2 * (ALPHA - 2)));
  return ((1 - p) ** (-1 / ALPHA) - mean) / deviation;
}

/** Where the normal distribution function reaches `p`, by bisection. */
function normalQuantile(p: number): number {
  let [low, high] = [-6, 6];
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (normalBelow(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The normal distribution function, by its series around 0. */
function normalBelow(x: number): number {
  let sum = x;
  let term = x;
  for (let n = 1; Math.abs(term) > 1e-12; n++) {
    term *= (x * x) / (2 * n + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

/** A delay of `mean` give or take `jitter`, both in ns. */
export class Jitter {
  mean = 0;
  jitter = 0;
  #table: Int16Array | null = null;

  change(mean: number, jitter: number, distribution: Distribution): void {
    this.#table = tableOf(distribution);
    this.mean = mean;
    this.jitter = jitter;
  }

  /** @kernel net/sched/sch_netem.c tabledist() */
  delay(random: Crandom): number {
    const { mean, jitter } = this;
    if (jitter === 0) return mean;
    const drawn = random.next() / ALL;
    if (this.#table === null) return mean - jitter + Math.floor(2 * jitter * drawn);
    return mean + Math.round((jitter * this.#table[Math.floor(drawn * this.#table.length)]) / SCALE);
  }
}
