import type { Random } from '@stack/clock';
import { anySize, between, chance, pick } from '../choice.ts';
import { headerLength, viewOf } from '../world/segment.ts';
import { ACK, FIN, PSH, RST, SYN, URG } from '../world/segment.ts';

/** Distances at which sequence numbers are compared. */
export function nearby(random: Random): number {
  const sign = chance(random, 0.5) ? 1 : -1;
  return pick(random, [0, 0, 1, -1, sign * anySize(random, 3000), sign * anySize(random, 100_000), random.int32()]);
}

export function oddFlags(random: Random): number {
  return pick(random, [
    ACK,
    ACK,
    ACK | PSH,
    ACK | FIN,
    RST,
    ACK | RST,
    SYN,
    SYN | ACK,
    0,
    FIN,
    ACK | URG,
    random.below(256),
  ]);
}

const NOP = 1;
const SACK = 5;
const int32 = (value: number): number[] => [
  (value >>> 24) & 255,
  (value >>> 16) & 255,
  (value >>> 8) & 255,
  value & 255,
];

/** SACK blocks around `from`: some are sound, others overlap, lie below or ahead, or are turned round. */
export function oddSack(random: Random, from: number, to: number): number[] {
  const span = Math.max((to - from) | 0, 1);
  const blocks = between(random, 1, 3);
  const options = [NOP, NOP, SACK, 2 + 8 * blocks];
  for (let i = 0; i < blocks; i++) {
    const start = chance(random, 0.8) ? from + random.below(span) : from + nearby(random);
    const end = chance(random, 0.9) ? start + random.below(span) : start + nearby(random);
    options.push(...int32(start), ...int32(end));
  }
  return options;
}

/** A segment as it passed, with something in it changed. */
export function forge(random: Random, passing: Uint8Array): Uint8Array {
  const bytes = passing.slice();
  const view = viewOf(bytes);
  const change = random.below(8);
  if (change === 0 || change === 7) view.setInt32(4, view.getInt32(4) + nearby(random));
  if (change === 1 || change === 7) view.setInt32(8, view.getInt32(8) + nearby(random));
  if (change === 2) bytes[13] = oddFlags(random);
  if (change === 3) view.setUint16(14, pick(random, [0, 1, 100, 65_535, random.below(65_536)]));
  if (change === 4) return withPayload(random, bytes);
  if (change === 5) oddOptions(random, bytes);
  if (change === 6) view.setUint16(18, random.below(65_536));
  return bytes;
}

function withPayload(random: Random, bytes: Uint8Array): Uint8Array {
  const header = headerLength(bytes);
  const longer = new Uint8Array(header + anySize(random, 3000));
  longer.set(bytes.subarray(0, header));
  return longer;
}

/** Options with some bytes changed. */
function oddOptions(random: Random, bytes: Uint8Array): void {
  const header = headerLength(bytes);
  if (header === 20) return;
  for (let i = between(random, 1, 3); i > 0; i--) bytes[20 + random.below(header - 20)] = random.below(256);
}
