import { expect } from 'vitest';
import { check } from '../src/index.ts';

/** All of these must go well, and must have been worth looking at. */
export function expectAllWell(seed: number, runs: number): void {
  const { failures, total } = check({ seed, runs });
  const told = failures.map(
    (failure) => `${failure.error.message}\nreplay and capture with: npm run model -- --replay ${failure.seed}`,
  );
  expect(told).toEqual([]);
  expect(total.segments).toBeGreaterThan(runs * 25);
  expect(total.delivered).toBeGreaterThan(runs * 2500);
  expect(total.retransmitted).toBeGreaterThan(runs / 2);
}

/** Files run beside each other, tests within a file do not. */
export const RUNS = 10_000;
export const LONG = 300_000;
