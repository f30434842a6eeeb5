import { ScriptError } from './script-error.ts';
import type { Scanner } from './scanner.ts';

/** A whole number, or a word that `-D` gave one. */
export function parseInteger(scanner: Scanner): number {
  const negative = scanner.accept('-');
  const { text } = scanner.next.kind === 'number' ? scanner.next : scanner.expectKind('number');
  const value = Number(text);
  if (!Number.isInteger(value)) throw scanner.unexpected('a whole number');
  scanner.take();
  return negative ? -value : value;
}

/** A whole number of so many bits, of which negative ones are no part. */
export function parseBits(scanner: Scanner, bits: number, what: string): number {
  const { line } = scanner;
  const value = parseInteger(scanner);
  if (value < 0 || value >= 2 ** bits) throw new ScriptError(line, `${what} ${value} does not fit into ${bits} bits`);
  return value;
}

/** Seconds, as microseconds. */
export function parseSeconds(scanner: Scanner): number {
  return Math.round(Number(scanner.expectKind('number').text) * 1e6);
}

/** Hexadecimal digits, two a byte; a leading zero may be missing. Digits are no tokens, but what `-D` puts there is one. */
export function parseHexBytes(scanner: Scanner): Uint8Array {
  const { text, start, end } = scanner.next;
  if (text !== scanner.source.slice(start, end) && HEX.test(text)) return bytesOf(scanner.take().text);
  const raw = scanner.takeRaw(/(?:0x)?[0-9a-fA-F]+\b/);
  if (raw === null) throw scanner.unexpected('hexadecimal digits');
  return bytesOf(raw);
}

const HEX = /^(?:0x)?[0-9a-fA-F]+$/;

function bytesOf(text: string): Uint8Array {
  const digits = text.replace(/^0x/, '');
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  return Uint8Array.from(even.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
