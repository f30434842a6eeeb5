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

/** Seconds, as microseconds. */
export function parseSeconds(scanner: Scanner): number {
  return Math.round(Number(scanner.expectKind('number').text) * 1e6);
}

/** Hexadecimal digits, two a byte; a leading zero may be missing. */
export function parseHexBytes(scanner: Scanner): Uint8Array {
  const { kind } = scanner.next;
  const digits = kind === 'word' || kind === 'number' ? scanner.next.text : '';
  if (!/^(0x)?[0-9a-fA-F]+$/.test(digits)) {
    const raw = scanner.takeRaw(/[0-9a-fA-F]+/);
    if (raw === null) throw scanner.unexpected('hexadecimal digits');
    return bytesOf(raw);
  }
  if (kind === 'word') return bytesOf(scanner.take().text);
  const raw = scanner.takeRaw(/(?:0x)?[0-9a-fA-F]+/)!;
  return bytesOf(raw);
}

function bytesOf(text: string): Uint8Array {
  const digits = text.replace(/^0x/, '');
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  return Uint8Array.from(even.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
