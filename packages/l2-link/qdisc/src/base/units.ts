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

/** As tc prints it: 10Mbit, and 1500Kbit. @kernel tc/tc_util.c tc_print_rate() */
export function formatRate(bytes: number): string {
  let rate = bytes * 8;
  let unit = 0;
  while (unit < RATE_UNITS.length - 1 && rate >= 1000 && (rate % 1000 === 0 || rate >= 1e6)) {
    rate = Math.floor(rate / 1000);
    unit++;
  }
  return `${rate}${RATE_UNITS[unit]}bit`;
}

const RATE_UNITS = ['', 'K', 'M', 'G', 'T'];

/** As tc prints it: nearly round numbers in Kb and Mb. @kernel lib/utils.c sprint_size() */
export function formatSize(bytes: number): string {
  for (const [unit, factor, slack] of SIZE_UNITS) {
    const round = Math.round(bytes / factor);
    if (bytes >= factor && Math.abs(round * factor - bytes) < slack) return `${round}${unit}`;
  }
  return `${bytes}b`;
}

const SIZE_UNITS = [['Mb', 2 ** 20, 1024], ['Kb', 2 ** 10, 16]] as const; // prettier-ignore

/** As tc prints it, which knows no less than a microsecond. @kernel lib/utils.c sprint_time() */
export function formatTime(ns: number): string {
  if (ns >= 1e9) return `${short(ns / 1e9)}s`;
  if (ns >= 1e6) return `${short(ns / 1e6)}ms`;
  return `${Math.floor(ns / 1e3)}us`;
}

/** Three digits, as C prints with %.3g. */
function short(figure: number): string {
  if (figure < 999.5) return `${Number(figure.toPrecision(3))}`;
  return figure.toExponential(2).replace(/\.?0*e\+(\d)$/, 'e+0$1');
}
