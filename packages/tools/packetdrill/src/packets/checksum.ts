/** @rfc 1071 */
export function internetChecksum(bytes: Uint8Array, from: number, to: number, start = 0): number {
  let sum = start;
  for (let at = from; at < to; at += 2) sum += (bytes[at] << 8) | (at + 1 < to ? bytes[at + 1] : 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/** What the pseudo header adds to the sum. Addresses int32. */
export function pseudoHeaderSum(source: number, destination: number, protocol: number, length: number): number {
  const halves = (address: number): number => (address >>> 16) + (address & 0xffff);
  return halves(source) + halves(destination) + protocol + length;
}
