import type { Frame } from '@stack/cable';

const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) !== 0 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** The frame check sequence of the first `length` bytes, as a number to be sent low byte first. IEEE 802.3 3.2.9 */
export function frameCheckSequence(frame: Frame, length: number): number {
  let crc = -1;
  let left = length;
  for (let piece = 0; left > 0; piece++) {
    const start = frame.addresses[piece];
    const n = Math.min(left, frame.lengths[piece]);
    for (let at = start; at < start + n; at++) crc = table[(crc ^ frame.memory[at]) & 0xff] ^ (crc >>> 8);
    left -= n;
  }
  return ~crc;
}
