/**
 * Time, turns and randomness: injected everywhere, asked of the operating system nowhere else.
 *
 * ```ts
 * const clock = virtualClock();
 * const timer = new Timer(clock, { run: () => console.log('at', clock.now()) });
 * timer.setIn(200 * MSEC);
 * clock.runToEnd(); // at 200000000
 * ```
 *
 * @packageDocumentation
 */
export { Clock, MSEC, SEC, USEC, type HeapTimer, type Nanoseconds, type Task, type TimerHeapLike } from './clock.ts';
export { nanoseconds, type Duration } from './duration.ts';
export { realClock, virtualClock } from './factories.ts';
export { platform } from './platform.ts';
export { Random } from './random.ts';
export { RealClock, type Platform } from './real-clock.ts';
export { secureRandom } from './secure-random.ts';
export { SeededRandom, seededRandom } from './seeded-random.ts';
export { TaskQueue } from './task-queue.ts';
export { Timer } from './timer.ts';
export { VirtualClock } from './virtual-clock.ts';
