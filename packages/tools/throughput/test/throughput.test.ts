import { describe, expect, test } from 'vitest';
import { grid, jain, measure, page, queueBytes, timesFor } from '../src/index.ts';

const SEED = 7;
const LEAST = 0.95;
const LONG = 120_000;

describe('without loss, and with a buffer of a product or more, a connection fills the bottleneck', () => {
  const cells = grid().filter(({ loss, buffer, rate, delay }) => loss === 0 && buffer >= 1 && rate * delay <= 500);
  const seconds: Record<number, number> = { 10: 8, 100: 1.5 };
  test.each(cells)('$rate Mbit/s, $delay ms, $buffer BDP', { timeout: LONG }, (bottleneck) => {
    const window = seconds[bottleneck.rate];
    expect(measure(bottleneck, { seed: SEED, warmUp: window, window }).utilisation).toBeGreaterThan(LEAST);
  });
});

test.each([2, 8])('%i connections share it evenly', { timeout: LONG }, (flows) => {
  const bottleneck = { rate: 10, delay: 10, loss: 0, buffer: 2 };
  const { fairness, utilisation, goodputs } = measure(bottleneck, { seed: SEED, flows, warmUp: 40, window: 60 });
  expect(goodputs.length).toBe(flows);
  expect(fairness).toBeGreaterThan(LEAST);
  expect(utilisation).toBeGreaterThan(LEAST);
});

test('random loss costs throughput, and much of it much', () => {
  const at = (loss: number): number =>
    measure({ rate: 100, delay: 10, buffer: 1, loss }, { seed: SEED, warmUp: 3, window: 6 }).utilisation;
  const [little, more] = [at(0.001), at(0.03)];
  expect(little).toBeLessThan(LEAST);
  expect(more).toBeGreaterThan(0.005);
  expect(more).toBeLessThan(little / 3);
});

test('the same seed gives the same figures', () => {
  const once = (): unknown =>
    measure({ rate: 10, delay: 10, buffer: 0.5, loss: 0.01 }, { seed: 3, warmUp: 2, window: 5 });
  expect(once()).toEqual(once());
});

test("Jain's index", () => {
  expect(jain([5, 5, 5])).toBe(1);
  expect(jain([1, 0, 0, 0])).toBe(0.25);
});

test('a queue is whole frames, four at least', () => {
  expect(queueBytes({ rate: 10, delay: 1, loss: 0, buffer: 1 })).toBe(4 * 1514);
  expect(queueBytes({ rate: 100, delay: 50, loss: 0, buffer: 1 })).toBe(813 * 1514);
});

test('the page has a place for each cell', () => {
  const cells = grid().map((bottleneck) => ({
    ...{ bottleneck, ...timesFor(bottleneck) },
    ...{ utilisation: 0.5, fairness: 1, goodputs: [1], retransmitted: 0 },
  }));
  const rows = page(cells, [], SEED).match(/^\| +\d+ \|.*50\.0 \| 50\.0 \| 50\.0 \| 50\.0 \|/gm);
  expect(rows?.length).toBe(27);
});
