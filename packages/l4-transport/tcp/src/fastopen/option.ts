import type { Address } from '@stack/memory';
import { MAX_TCP_OPTION_SPACE } from '../constants.ts';
import type { OutOptions } from '../output/out-options.ts';
import type { FastOpenCookie } from './cookie.ts';

export const TCPOPT_FASTOPEN = 34;
/** The experimental option, and how it begins for Fast Open. @rfc 6994 */
export const TCPOPT_EXP = 254;
export const TCPOPT_FASTOPEN_MAGIC = 0xf989;
const NOP = 1;
const BASE = 2;
const EXP_BASE = 4;

/** Adds the option if it is wanted and there is room behind `used` bytes. Returns its size. */
export function fastopenOptionSize(out: OutOptions, cookie: FastOpenCookie | null, used: number): number {
  if (cookie === null || cookie.length < 0) return 0;
  const size = (cookie.length + (cookie.experimental ? EXP_BASE : BASE) + 3) & ~3;
  if (used + size > MAX_TCP_OPTION_SPACE) return 0;
  out.fastOpen = cookie;
  return size;
}

/** @kernel net/ipv4/tcp_output.c tcp_options_write() @rfc 7413 4.1.1 */
export function writeFastopenOption(view: DataView, to: Address, cookie: FastOpenCookie): void {
  const base = cookie.experimental ? EXP_BASE : BASE;
  const length = base + cookie.length;
  view.setUint8(to, cookie.experimental ? TCPOPT_EXP : TCPOPT_FASTOPEN);
  view.setUint8(to + 1, length);
  if (cookie.experimental) view.setUint16(to + 2, TCPOPT_FASTOPEN_MAGIC);
  for (let i = 0; i < cookie.length; i++) view.setUint8(to + base + i, cookie.bytes[i]);
  if ((length & 3) === 2) view.setUint16(to + length, (NOP << 8) | NOP);
}
