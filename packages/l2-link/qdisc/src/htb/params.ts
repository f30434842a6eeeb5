import { badOption, onlyNames, whole, type Names } from '../base/options.ts';
import { RateConfig, type LinkOverhead } from '../base/rate.ts';
import { xmitTime } from '../base/psched.ts';
import { bytesOf, bytesPerSecond, type Rate, type Size } from '../base/units.ts';

export interface HtbClassOptions extends LinkOverhead {
  /** What the class gets when it wants it. */
  rate?: Rate;
  /** What it gets at most, when the class above lends; the rate unless given. */
  ceil?: Rate;
  /** What it may send at once at the rate, and at the ceil; {@link mtu} and what comes in a tick of the kernel unless given. */
  burst?: Size;
  cburst?: Size;
  /** The largest packet; 1600 bytes unless given. */
  mtu?: Size;
  /** 0 is served first, 7 last. */
  prio?: number;
  /** Bytes it sends in its turn; the rate divided by r2q unless given. */
  quantum?: Size;
}

/** The options of a class, ready for use. */
export interface HtbClassParams {
  readonly rate: RateConfig;
  readonly ceil: RateConfig;
  /** Most tokens, ns. */
  readonly buffer: number;
  readonly cbuffer: number;
  readonly prio: number;
  readonly quantum: number;
}

const NAMES: Names<HtbClassOptions> = {
  rate: true, ceil: true, burst: true, cburst: true, mtu: true, prio: true, quantum: true, overhead: true, mpu: true,
  linklayer: true,
}; // prettier-ignore

/** tc's idea of a frame, and of the kernel's ticks a second. */
const MTU = 1600;
const HZ = 1e9;
const LEAST_QUANTUM = 1000;
const MOST_QUANTUM = 200_000;
/** @kernel net/sched/sch_htb.c htb_change_class() */
export function htbClassParams(options: HtbClassOptions, r2q: number): HtbClassParams {
  onlyNames('an htb class', NAMES, options);
  if (options.rate === undefined) throw badOption('an htb class', 'no rate', 'give one');
  const rate = new RateConfig(bytesPerSecond(options.rate), options);
  const ceil = new RateConfig(bytesPerSecond(options.ceil ?? options.rate), options);
  const mtu = whole('an htb class', 'mtu', bytesOf(options.mtu ?? MTU), 1);
  const burst = burstOf('burst', options.burst, rate.rate, mtu);
  const cburst = burstOf('cburst', options.cburst, ceil.rate, mtu);
  const share = Math.min(Math.max(Math.floor(rate.rate / r2q), LEAST_QUANTUM), MOST_QUANTUM);
  return {
    rate,
    ceil,
    buffer: xmitTime(rate.rate, burst),
    cbuffer: xmitTime(ceil.rate, cburst),
    prio: whole('an htb class', 'prio', options.prio ?? 0, 0, 7),
    quantum: whole('an htb class', 'quantum', options.quantum === undefined ? share : bytesOf(options.quantum), 1),
  };
}

function burstOf(name: string, given: Size | undefined, rate: number, mtu: number): number {
  return given === undefined ? Math.floor(rate / HZ) + mtu : whole('an htb class', name, bytesOf(given), 1);
}
