import { StackError } from '@stack/plugin';
import { MSEC, SEC, USEC, type Nanoseconds } from './clock.ts';

/** A time span as users write it: nanoseconds, or a number with its unit: `'2ms'`, `'50us'`, `'1.5s'`, `'300ns'`. */
export type Duration = number | `${number}${'ns' | 'us' | 'ms' | 's'}`;

const UNITS: Record<string, number> = { ns: 1, us: USEC, ms: MSEC, s: SEC };

/** Nanoseconds of a duration. Throws `ERR_STACK_DURATION` for anything else. */
export function nanoseconds(duration: Duration): Nanoseconds {
  const match = typeof duration === 'string' ? /^(\d+(?:\.\d+)?)(ns|us|ms|s)$/.exec(duration) : null;
  const value = match ? Number(match[1]) * UNITS[match[2]] : duration;
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return Math.round(value);
  throw new StackError(
    'ERR_STACK_DURATION',
    `${JSON.stringify(duration)} is no duration`,
    `write nanoseconds or '2ms', '50us', '1.5s'`,
  );
}
