/** How packets are sorted into tins by their DS field. */
export type Diffserv = 'besteffort' | 'precedence' | 'diffserv3' | 'diffserv4' | 'diffserv8';

/** One tin: the share of the rate up to which it goes before those of less importance, and its weight. */
export interface TinPlan {
  /** Of the rate: 1 is all. */
  readonly share: number;
  readonly quantum: number;
}

/** How tins come about. */
export interface DiffservPlan {
  /** The tin of each of the 64 codepoints. */
  readonly tinOf: Uint8Array;
  /** Those that come later go before the others, as long as they stay within their share. */
  readonly tins: readonly TinPlan[];
}

const CS1 = 8;
const LE = 1;
const AF4 = [34, 36, 38];
const AF3 = [26, 28, 30];
const AF1 = [10, 12, 14];
const AF2 = [18, 20, 22];
const VOICE = [46, 44, 48, 56];

const plan = (tins: readonly TinPlan[], rest: number, ...sets: readonly (readonly number[])[]): DiffservPlan => {
  const tinOf = new Uint8Array(64).fill(rest);
  for (const [tin, points] of sets.entries()) for (const point of points) tinOf[point] = tin;
  return { tinOf, tins };
};

const BEST_EFFORT = { share: 1, quantum: 1024 };
const BULK = { share: 1 / 16, quantum: 64 };

/** Tins from the least important one on: best effort is the first of those that know bulk. @kernel net/sched/sch_cake.c bulk_order */
export function byImportance<T>(tins: readonly T[], diffserv: Diffserv): readonly T[] {
  if (diffserv !== 'diffserv3' && diffserv !== 'diffserv4') return tins;
  const [best, bulk, ...others] = tins;
  return [bulk, best, ...others];
}

/** @kernel net/sched/sch_cake.c cake_config_besteffort() and its siblings */
export const DIFFSERV: Record<Diffserv, DiffservPlan> = {
  besteffort: plan([{ share: 1, quantum: 65_535 }], 0),
  diffserv3: plan([BEST_EFFORT, BULK, { share: 1 / 4, quantum: 256 }], 0, [], [LE, CS1], [...VOICE, 4]),
  diffserv4: plan(
    [BEST_EFFORT, BULK, { share: 1 / 2, quantum: 512 }, { share: 1 / 4, quantum: 256 }],
    0,
    [],
    [LE, CS1],
    [16, ...AF2, 24, ...AF3, ...AF4, 4],
    [32, 40, ...VOICE],
  ),
  diffserv8: plan(
    Array.from({ length: 8 }, (_, tin) => ({ share: (7 / 8) ** tin, quantum: Math.round(256 * (7 / 8) ** tin) })),
    2,
    [LE],
    [2, CS1, ...AF1],
    [],
    [24, ...AF3, ...AF4],
    [4, ...AF2],
    [16],
    [32, 40, 44, 46],
    [48, 56],
  ),
  precedence: {
    tinOf: Uint8Array.from({ length: 64 }, (_, point) => point >> 3),
    tins: Array.from({ length: 8 }, (_, tin) => ({ share: (7 / 8) ** tin, quantum: Math.round(256 * (7 / 8) ** tin) })),
  },
};
