/** The number of an option given as a number or as the four bytes of an `int`; NaN for anything else. */
export function intOf(value: number | Uint8Array): number {
  if (typeof value === 'number') return Number.isInteger(value) ? value : NaN;
  return value.length >= 4 ? viewOf(value).getInt32(0, true) : NaN;
}

/** The numbers as a structure of `int`s, little-endian. */
export function intsToBytes(...numbers: number[]): Uint8Array {
  const bytes = new Uint8Array(4 * numbers.length);
  numbers.forEach((number, i) => viewOf(bytes).setInt32(4 * i, number, true));
  return bytes;
}

/** The same where one byte will do as well: options of IP. */
export function intOrByteOf(value: number | Uint8Array): number {
  return typeof value !== 'number' && value.length >= 1 && value.length < 4 ? value[0] : intOf(value);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
