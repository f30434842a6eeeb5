import { StackError } from '@stack/plugin';

export { nanoseconds, type Duration } from '@stack/clock';

/** Bits a second as a number, or with a unit of tc: `10mbit`, `1.5gbit`, `100kibit`, `20mbps` (megabytes a second). */
export type Rate = number | string;
/** Bytes as a number, or with a unit of tc, where k is 1024: `15k`, `2mb`, `64kbit`. */
export type Size = number | string;

const PREFIXES: Record<string, number> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };
const BINARY: Record<string, number> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

function bad(what: string, text: number | string, example: string): StackError {
  return new StackError('ERR_STACK_QDISC_OPTION', `${text} is not a ${what}`, `write it like ${example}`);
}

/** Bytes a second, whole. */
export function bytesPerSecond(rate: Rate): number {
  const found = /^(\d+(?:\.\d+)?)([kmgt]?)(i?)(bit|bps)$/i.exec(typeof rate === 'number' ? `${rate}bit` : rate);
  if (found === null) throw bad('rate', rate, "'10mbit', or 10_000_000 for bits a second");
  const [, figure, prefix, binary, unit] = found;
  const factor = (binary === '' ? PREFIXES : BINARY)[prefix.toLowerCase()];
  const bytes = Math.floor((Number(figure) * factor) / (unit.toLowerCase() === 'bit' ? 8 : 1));
  if (bytes === 0) throw bad('rate', rate, "'8bit' or more");
  return bytes;
}

export function bytesOf(size: Size): number {
  const found = /^(\d+(?:\.\d+)?)([kmg]?)(b|bit)?$/i.exec(`${size}`);
  if (found === null) throw bad('size', size, "'15k', or 15360 for bytes");
  const [, figure, prefix, unit] = found;
  return Math.floor((Number(figure) * BINARY[prefix.toLowerCase()]) / (unit?.toLowerCase() === 'bit' ? 8 : 1));
}

/** As tc prints it: 10Mbit. */
export function formatRate(bytes: number): string {
  const bits = bytes * 8;
  for (const [unit, factor] of [
    ['Gbit', 1e9],
    ['Mbit', 1e6],
    ['Kbit', 1e3],
  ] as const) {
    if (bits >= factor && (bits % factor === 0 || bits >= 1000 * factor)) return `${Math.floor(bits / factor)}${unit}`;
  }
  return `${bits}bit`;
}

export function formatSize(bytes: number): string {
  if (bytes >= 2 ** 20 && bytes % 2 ** 20 === 0) return `${bytes / 2 ** 20}Mb`;
  if (bytes >= 2 ** 10 && bytes % 2 ** 10 === 0) return `${bytes / 2 ** 10}Kb`;
  return `${bytes}b`;
}

export function formatTime(ns: number): string {
  if (ns >= 1e9) return `${short(ns / 1e9)}s`;
  if (ns >= 1e6) return `${short(ns / 1e6)}ms`;
  if (ns >= 1e3) return `${short(ns / 1e3)}us`;
  return `${ns}ns`;
}

const short = (figure: number): string => `${Number(figure.toPrecision(3))}`;
