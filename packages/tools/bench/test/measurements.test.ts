import { describe, expect, test } from 'vitest';
import {
  bulk,
  connectClose,
  held,
  kernelLoopback,
  pingPong,
  qdiscCost,
  qdiscSubjects,
  stackOverCable,
} from '../src/index.ts';

const MEASUREMENTS = [bulk(2), pingPong(1, 20), pingPong(3000, 20), connectClose(3, 10), held(20)];

describe.each([
  ['two hosts on a cable', stackOverCable],
  ["Node's own net", kernelLoopback],
])('every measurement over %s', (_, contender) => {
  test.each(MEASUREMENTS)('$name', async (measurement) => {
    const ends = contender();
    const figure = await measurement.run(ends);
    expect(Number.isFinite(figure)).toBe(true);
    if (measurement.better === 'higher') expect(figure).toBeGreaterThan(0);
    await ends.close();
  });
});

test.each(qdiscSubjects)('the cost of $kind', (subject) => {
  const cost = qdiscCost(subject, 10);
  expect(cost).toBeGreaterThan(1);
  expect(cost).toBeLessThan(1e6);
});
