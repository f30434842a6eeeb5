import { qdiscPktLen } from '@stack/netdev';
import type { SkBuff } from '@stack/skb';
import { badOption, whole } from '../base/options.ts';

/** How the link below frames packets: as they are, in ATM cells (48 bytes of 53), or with PTM's code of 64 bytes in 65. */
export type CakeCells = 'noatm' | 'atm' | 'ptm';

/** What a link adds to the network layer's bytes, or the name of a common kind of link. */
export interface CakeLinkOptions {
  /** Bytes from -64 to 256 beyond the IP packet, or one of tc's keywords. Unless given, the length of the frame counts. */
  overhead?: number | LinkName;
  /** Bytes of the smallest frame; up to 256. */
  mpu?: number;
  cells?: CakeCells;
}

/** @kernel tc/q_cake.c */
const LINKS = {
  conservative: { overhead: 48, cells: 'atm' },
  'ipoa-vcmux': { overhead: 8, cells: 'atm' },
  'ipoa-llcsnap': { overhead: 16, cells: 'atm' },
  'bridged-vcmux': { overhead: 24, cells: 'atm' },
  'bridged-llcsnap': { overhead: 32, cells: 'atm' },
  'pppoa-vcmux': { overhead: 10, cells: 'atm' },
  'pppoa-llc': { overhead: 14, cells: 'atm' },
  'pppoe-vcmux': { overhead: 32, cells: 'atm' },
  'pppoe-llcsnap': { overhead: 40, cells: 'atm' },
  'pppoe-ptm': { overhead: 30, cells: 'ptm' },
  'bridged-ptm': { overhead: 22, cells: 'ptm' },
  docsis: { overhead: 18, mpu: 64, cells: 'noatm' },
  ethernet: { overhead: 38, mpu: 84, cells: 'noatm' },
  'ether-vlan': { overhead: 42, mpu: 84, cells: 'noatm' },
} as const satisfies Record<string, { overhead: number; mpu?: number; cells: CakeCells }>;

export type LinkName = keyof typeof LINKS;

/** Bytes of packets on the link. @kernel net/sched/sch_cake.c cake_calc_overhead(), cake_overhead() */
export class CakeLink {
  readonly #raw: boolean;
  /** Nothing is added: the common case, and the quick one. */
  readonly #plain: boolean;
  readonly #overhead: number;
  readonly #mpu: number;
  readonly #cells: CakeCells;

  constructor(options: CakeLinkOptions) {
    const { overhead, mpu, cells } = linkOf(options);
    this.#raw = overhead === undefined;
    this.#overhead = whole('cake', 'overhead', overhead ?? 0, -64, 256);
    this.#mpu = whole('cake', 'mpu', mpu, 0, 256);
    this.#cells = cells;
    this.#plain = this.#raw && this.#mpu === 0 && cells === 'noatm';
  }

  /** Of all segments of a packet. */
  weight(skb: SkBuff): number {
    const bytes = qdiscPktLen(skb);
    if (this.#plain) return bytes;
    const segments = Math.max(1, skb.shinfo.gsoSegs);
    const header = this.#raw ? 0 : Math.max(0, skb.networkHeader - skb.data);
    if (segments === 1) return this.#framed(bytes - header);
    const each = skb.shinfo.gsoSize + (bytes - skb.len) / (segments - 1);
    return (segments - 1) * this.#framed(each) + this.#framed(bytes - (segments - 1) * (each + header) - header);
  }

  #framed(bytes: number): number {
    const length = Math.max(this.#mpu, bytes + this.#overhead);
    if (this.#cells === 'atm') return Math.ceil(length / 48) * 53;
    return this.#cells === 'ptm' ? length + Math.ceil(length / 64) : length;
  }

  dump(): Record<string, unknown> {
    return {
      ...(this.#raw && { raw: true }), ...(this.#cells !== 'noatm' && { [this.#cells]: true }),
      overhead: this.#overhead, ...(this.#mpu > 0 && { mpu: this.#mpu }),
    }; // prettier-ignore
  }
}

function linkOf({ overhead, mpu, cells }: CakeLinkOptions): { overhead?: number; mpu: number; cells: CakeCells } {
  if (cells !== undefined && !['noatm', 'atm', 'ptm'].includes(cells)) {
    throw badOption('cake', `the cells ${cells}`, 'take noatm, atm or ptm');
  }
  if (typeof overhead !== 'string') return { overhead, mpu: mpu ?? 0, cells: cells ?? 'noatm' };
  const named: { overhead: number; mpu?: number; cells: CakeCells } | undefined = LINKS[overhead];
  if (named === undefined)
    throw badOption('cake', `the link ${overhead}`, `take one of ${Object.keys(LINKS).join(', ')}`);
  return { overhead: named.overhead, mpu: mpu ?? named.mpu ?? 0, cells: cells ?? named.cells };
}
