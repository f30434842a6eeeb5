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
 * called so often that the engine has compiled it, and five more have not made it less. A few are the engine's own; see {@link ALLOCATION_FREE}.
 */
export function bytesPerCall(act: () => void): number {
  const collect = collector();
  for (let i = 0; i < WARM; i++) act();
  let least = Infinity;
  // On a busy machine the compiler, which works beside us, takes longer: go on while it gets better.
  for (let worse = 0; worse < TRIES;) {
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < COUNTED; i++) act();
    const each = (process.memoryUsage().heapUsed - before) / COUNTED;
    // A collection in between would make it look like less than nothing.
    if (each >= 0 && each < least - 1) {
      least = each;
      worse = 0;
    } else {
      worse++;
    }
  }
  return least;
}

/** Less than this is noise: the smallest object is larger. */
export const ALLOCATION_FREE = 12;
