import { describe, expect, it } from 'vitest';
import { secureRandom, seededRandom, type Random } from '../src/index.ts';

const take = (random: Random, count = 8): number[] => Array.from({ length: count }, () => random.int32());

describe('seeded numbers', () => {
  it('are the same for the same seed, today and tomorrow', () => {
    expect(take(seededRandom(7), 4)).toEqual(take(seededRandom(7), 4));
    expect(take(seededRandom(7), 4)).toEqual([322240912, -621198588, -1591892431, -975514537]);
  });

  it.each([[8], [7 + 2 ** 32], [-7]])('differ for seed %d', (seed) => {
    expect(take(seededRandom(seed))).not.toEqual(take(seededRandom(7)));
  });

  it('fork by label, without the children knowing each other', () => {
    const [a, b] = [seededRandom(7), seededRandom(7)];
    expect(take(a.fork('alice'))).toEqual(take(b.fork('alice')));
    expect(take(seededRandom(7).fork('alice'))).not.toEqual(take(seededRandom(7).fork('bob')));
    expect(take(a.fork('alice'))).not.toEqual(take(seededRandom(7).fork('alice')));
  });
});

describe.each([
  ['seeded', () => seededRandom(1)],
  ['secure', () => secureRandom()],
])('%s numbers', (_name, make) => {
  it('are signed 32-bit integers of both signs', () => {
    const numbers = take(make(), 1000);
    expect(numbers.every((n) => n === (n | 0))).toBe(true);
    expect(numbers.filter((n) => n < 0).length).toBeGreaterThan(400);
    expect(new Set(numbers).size).toBeGreaterThan(990);
  });

  it('as fractions fill [0, 1), below a limit all integers', () => {
    const random = make();
    const fractions = Array.from({ length: 1000 }, () => random.fraction());
    expect(Math.min(...fractions)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...fractions)).toBeLessThan(1);
    expect(Math.max(...fractions) - Math.min(...fractions)).toBeGreaterThan(0.9);
    expect(new Set(Array.from({ length: 300 }, () => random.below(6)))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
  });

  it('fork to a source that works', () => {
    expect(new Set(take(make().fork('child'))).size).toBe(8);
  });
});
