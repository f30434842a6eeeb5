import { macrotask, platform } from './platform.ts';
import { RealClock } from './real-clock.ts';
import { VirtualClock } from './virtual-clock.ts';
import type { Nanoseconds } from './clock.ts';

/** A clock on which nothing happens until it is told to run. Begins at `start`, 0 unless given. */
export function virtualClock(start: Nanoseconds = 0): VirtualClock {
  return new VirtualClock(start, macrotask);
}

/** The clock of this JavaScript engine. */
export function realClock(): RealClock {
  return new RealClock(platform());
}
