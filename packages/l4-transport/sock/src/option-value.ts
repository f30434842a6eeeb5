/** The number of an option given as a number or as the four bytes of an `int`, little-endian; NaN for anything else. */
export function intOf(value: number | Uint8Array): number {
  if (typeof value === 'number') return Number.isInteger(value) ? value : NaN;
  return value.length < 4 ? NaN : new DataView(value.buffer, value.byteOffset).getInt32(0, true);
}
