import { EINVAL } from '@stack/plugin';
import type { TcpSock } from '../sock.ts';
import { needPacing } from './pacing-state.ts';

export const SO_MAX_PACING_RATE = 47;
const UNLIMITED_U32 = 0xffffffff;
const UNLIMITED = Number.MAX_SAFE_INTEGER;

/** Limits the pace, in bytes a second: a number or 4 bytes (all ones: no limit), or 8 bytes. Paces from now on. 0 or -EINVAL. @kernel net/core/sock.c sk_setsockopt() */
export function setMaxPacingRate(sk: TcpSock, value: number | Uint8Array): number {
  const rate = rateOf(value);
  if (Number.isNaN(rate)) return -EINVAL;
  sk.change({ maxPacingRate: rate });
  if (rate !== UNLIMITED) needPacing(sk);
  return 0;
}

function rateOf(value: number | Uint8Array): number {
  if (typeof value === 'number') return Number.isInteger(value) ? narrow(value) : NaN;
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  if (value.length >= 8) return Math.min(Number(view.getBigUint64(0, true)), UNLIMITED);
  return value.length >= 4 ? narrow(view.getUint32(0, true)) : NaN;
}

function narrow(value: number): number {
  return value >>> 0 === UNLIMITED_U32 ? UNLIMITED : value >>> 0;
}

/** As 8 bytes, little-endian. */
export function maxPacingRateBytes(sk: TcpSock): Uint8Array {
  const bytes = new Uint8Array(8);
  const { maxPacingRate } = sk.settings;
  new DataView(bytes.buffer).setBigUint64(
    0,
    maxPacingRate === UNLIMITED ? 2n ** 64n - 1n : BigInt(maxPacingRate),
    true,
  );
  return bytes;
}
