import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const WARM = 20_000;
const COUNTED = 10_000;
const TRIES = 5;

/** What the garbage collector is called by; it has no name unless one asks for it. */
export function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/**
 * Bytes of JavaScript memory that a call of `act` leaves behind, on average: the least of several runs, once it has been
 * called so often that the engine has compiled it. A few are the engine's own; see {@link ALLOCATION_FREE}.
 */
export function bytesPerCall(act: () => void): number {
  const collect = collector();
  for (let i = 0; i < WARM; i++) act();
  let least = Infinity;
  for (let run = 0; run < TRIES; run++) {
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < COUNTED; i++) act();
    const after = process.memoryUsage().heapUsed;
    // A collection in between would make it look like less than nothing.
    if (after >= before) least = Math.min(least, (after - before) / COUNTED);
  }
  return least;
}

/** Less than this is noise: the smallest object is larger. */
export const ALLOCATION_FREE = 12;
