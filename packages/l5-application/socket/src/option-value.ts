import { intOf } from '@stack/sock';

/** The numbers as a structure of `int`s, little-endian. */
export function intsToBytes(...numbers: number[]): Uint8Array {
  const bytes = new Uint8Array(4 * numbers.length);
  numbers.forEach((number, i) => viewOf(bytes).setInt32(4 * i, number, true));
  return bytes;
}

/** The number of an option for which one byte will do as well, and no byte is 0: options of IP. */
export function intOrByteOf(value: number | Uint8Array): number {
  if (typeof value === 'number' || value.length >= 4) return intOf(value);
  return value.length === 0 ? 0 : value[0];
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
