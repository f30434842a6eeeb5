import { STATISTICS } from './registers.ts';

/** Statistics registers, manual 13.7. */
export const CRCERRS = 0x4000;
export const MPC = 0x4010;
export const XONRXC = 0x4048;
export const XONTXC = 0x404c;
export const XOFFRXC = 0x4050;
export const XOFFTXC = 0x4054;
export const FCRUC = 0x4058;
export const PRC64 = 0x405c;
export const GPRC = 0x4074;
export const BPRC = 0x4078;
export const MPRC = 0x407c;
export const GPTC = 0x4080;
export const GORCL = 0x4088;
export const GOTCL = 0x4090;
export const RNBC = 0x40a0;
export const ROC = 0x40ac;
export const TORL = 0x40c0;
export const TOTL = 0x40c8;
export const TPR = 0x40d0;
export const TPT = 0x40d4;
export const PTC64 = 0x40d8;
export const MPTC = 0x40f0;
export const BPTC = 0x40f4;
export const TSCTC = 0x40f8;
export const TSCTFC = 0x40fc;

const OCTETS = [GORCL, GOTCL, TORL, TOTL];
const REGISTERS = 64;
const STUCK = 0xffff_ffff;
const FCS = 4;

/** To whom a frame is. */
export const UNICAST = 0;
export const MULTICAST = 1;
export const BROADCAST = 2;
export type AddressKind = 0 | 1 | 2;

/** Counters that are cleared by reading them and stick at their maximum; octets are counted in pairs of registers. */
export class Statistics {
  readonly #counts = new Float64Array(REGISTERS);

  count(register: number): void {
    this.#counts[(register - STATISTICS) >>> 2]++;
  }

  /** A good frame of `length` bytes without FCS left, to one, to a group or to all. */
  transmitted(length: number, kind: AddressKind): void {
    const counts = this.#counts;
    const octets = length + FCS;
    counts[index(TPT)]++;
    counts[index(GPTC)]++;
    counts[index(TOTL)] += octets;
    counts[index(GOTCL)] += octets;
    counts[index(PTC64) + sizeClass(octets)]++;
    if (kind !== UNICAST) counts[kind === BROADCAST ? index(BPTC) : index(MPTC)]++;
  }

  /** A frame came in, whether it is wanted or not. */
  arrived(length: number): void {
    this.#counts[index(TPR)]++;
    this.#counts[index(TORL)] += length + FCS;
  }

  /** A good frame passed the filters. */
  received(length: number, kind: AddressKind): void {
    const counts = this.#counts;
    const octets = length + FCS;
    counts[index(GPRC)]++;
    counts[index(GORCL)] += octets;
    counts[index(PRC64) + sizeClass(octets)]++;
    if (kind !== UNICAST) counts[kind === BROADCAST ? index(BPRC) : index(MPRC)]++;
  }

  /** The low half of an octet count stays until the high half is read. */
  read(register: number): number {
    const at = index(register & ~3);
    if (OCTETS.includes(register)) return this.#counts[at] | 0;
    if (OCTETS.includes(register - 4)) {
      const high = Math.floor(this.#counts[at - 1] / 2 ** 32);
      this.#counts[at - 1] = 0;
      return high | 0;
    }
    const value = Math.min(this.#counts[at], STUCK);
    this.#counts[at] = 0;
    return value | 0;
  }

  clear(): void {
    this.#counts.fill(0);
  }
}

function index(register: number): number {
  return (register - STATISTICS) >>> 2;
}

/** 0: 64 octets; 1: 65 to 127; 2: to 255; 3: to 511; 4: to 1023; 5: more. */
function sizeClass(octets: number): number {
  if (octets <= 64) return 0;
  const size = 26 - Math.clz32(octets);
  return size > 5 ? 5 : size;
}
