import { setImmediate } from 'node:timers/promises';

/** Lets promises that are settled have their consequences. */
export function eventLoopTurn(): Promise<void> {
  return setImmediate();
}
