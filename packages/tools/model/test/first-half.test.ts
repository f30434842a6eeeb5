import { test } from 'vitest';
import { expectAllWell, LONG, RUNS } from './many.ts';

test(`${RUNS} runs`, { timeout: LONG }, () => expectAllWell(1, RUNS));
