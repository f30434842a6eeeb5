import type { Random } from '@stack/clock';

export const chance = (random: Random, probability: number): boolean => random.fraction() < probability;

/** An integer from `least` to `most`, both of them possible. */
export const between = (random: Random, least: number, most: number): number => least + random.below(most - least + 1);

export const pick = <T>(random: Random, choices: readonly T[]): T => choices[random.below(choices.length)];

/** Small numbers as likely as large ones: anything from 1 to `most`. */
export function anySize(random: Random, most: number): number {
  const size = Math.floor(2 ** (random.fraction() * Math.log2(most + 1)));
  return Math.max(1, Math.min(most, size));
}

/** `choice` with a probability, else nothing. */
export function maybe<T>(random: Random, probability: number, choice: () => T): T | null {
  return chance(random, probability) ? choice() : null;
}
