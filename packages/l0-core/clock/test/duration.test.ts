import { expect, it } from 'vitest';
import { nanoseconds, type Duration } from '../src/index.ts';

it.each<[Duration, number]>([
  [5, 5],
  [0, 0],
  ['300ns', 300],
  ['50us', 50_000],
  ['2ms', 2_000_000],
  ['1.5s', 1_500_000_000],
  ['0.0000015ms', 2],
  [1.4, 1],
])('%s is %d ns', (duration, ns) => {
  expect(nanoseconds(duration)).toBe(ns);
});

it.each(['', '5', 'ms', '-1ms', '1 ms', '1h', '1e3ms', -1, NaN, Infinity, null])('%s is none', (wrong) => {
  expect(() => nanoseconds(wrong as Duration)).toThrow(expect.objectContaining({ code: 'ERR_STACK_DURATION' }));
});
