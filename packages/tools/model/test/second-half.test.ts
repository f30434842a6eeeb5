import { test } from 'vitest';
import { expectAllWell, LONG, RUNS } from './many.ts';

test(`${RUNS} more`, { timeout: LONG }, () => expectAllWell(1 + RUNS, RUNS));
