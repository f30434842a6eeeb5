import { badOption, whole } from '../base/options.ts';
import { RateConfig, type LinkOverhead } from '../base/rate.ts';
import { bytesOf, bytesPerSecond, type Rate, type Size } from '../base/units.ts';

export interface HtbClassOptions extends LinkOverhead {
  /** What the class gets when it wants it. */
  rate?: Rate;
  /** What it gets at most, when the class above lends; the rate unless given. */
  ceil?: Rate;
  /** What it may send at once at the rate, and at the ceil; 1600 bytes unless given. */
  burst?: Size;
  cburst?: Size;
  /** 0 is served first, 7 last. */
  prio?: number;
  /** Bytes it sends in its turn; the rate divided by r2q unless given. */
  quantum?: Size;
}

/** The options of a class, ready for use. */
export interface HtbClassParams {
  readonly rate: RateConfig;
  readonly ceil: RateConfig;
  /** Most tokens, ns; and the bytes from which they come. */
  readonly buffer: number;
  readonly cbuffer: number;
  readonly burst: number;
  readonly cburst: number;
  readonly prio: number;
  readonly quantum: number;
  readonly overhead: number;
}

/** What tc gives a class by default: its idea of a frame. */
const BURST = 1600;
const LEAST_QUANTUM = 1000;
const MOST_QUANTUM = 200_000;
/** tc counts in whole microseconds, and tells the kernel in ticks. */
const TICKS_PER_USEC = 15.625;
const TICK = 64;

/** @kernel net/sched/sch_htb.c htb_change_class() */
export function htbClassParams(options: HtbClassOptions, r2q: number): HtbClassParams {
  if (options.rate === undefined) throw badOption('an htb class', 'no rate', 'give one');
  const rate = new RateConfig(bytesPerSecond(options.rate), options);
  const ceil = new RateConfig(bytesPerSecond(options.ceil ?? options.rate), options);
  const burst = whole('an htb class', 'burst', bytesOf(options.burst ?? BURST), 1);
  const cburst = whole('an htb class', 'cburst', bytesOf(options.cburst ?? BURST), 1);
  const share = Math.min(Math.max(Math.floor(rate.rate / r2q), LEAST_QUANTUM), MOST_QUANTUM);
  return {
    rate,
    ceil,
    buffer: xmitTime(rate.rate, burst),
    cbuffer: xmitTime(ceil.rate, cburst),
    burst,
    cburst,
    prio: whole('an htb class', 'prio', options.prio ?? 0, 0, 7),
    quantum: whole('an htb class', 'quantum', options.quantum === undefined ? share : bytesOf(options.quantum), 1),
    overhead: rate.overhead,
  };
}

/** @kernel tc/tc_core.c tc_calc_xmittime() */
function xmitTime(rate: number, bytes: number): number {
  return Math.floor(Math.floor((bytes * 1e6) / rate) * TICKS_PER_USEC) * TICK;
}
