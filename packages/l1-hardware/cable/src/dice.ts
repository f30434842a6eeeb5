import type { Random } from '@stack/clock';
import { FATE_CORRUPTED, FATE_DUPLICATED, FATE_LOST, FATE_REORDERED } from './fate.ts';
import type { Frame } from './frame.ts';
import type { LinkSettings } from './settings.ts';

/** Throws for the fate of one frame. What is not asked for takes no random number. */
export function throwFate(settings: LinkSettings, random: Random, frame: Frame, index: number): number {
  const lost = settings.losesFrame === null ? chance(random, settings.loss) : settings.losesFrame(frame, index);
  if (lost) return FATE_LOST;
  let fate = 0;
  if (chance(random, settings.corrupt)) fate |= FATE_CORRUPTED;
  if (chance(random, settings.duplicate)) fate |= FATE_DUPLICATED;
  if (chance(random, settings.reorder)) fate |= FATE_REORDERED;
  return fate;
}

/** Turns over one bit of a frame of one piece. */
export function flipBit(frame: Frame, random: Random): void {
  const bit = random.below(frame.length * 8);
  frame.memory[frame.addresses[0] + (bit >>> 3)] ^= 1 << (bit & 7);
}

function chance(random: Random, probability: number): boolean {
  return probability > 0 && random.fraction() < probability;
}
