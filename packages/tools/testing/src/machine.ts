import { seededRandom, virtualClock, type Random, type VirtualClock } from '@stack/clock';
import { CheckingArena } from '@stack/memory';
import { onTestFinished } from 'vitest';

export interface MachineOptions {
  /** Of all randomness; 1 unless given. */
  seed?: number;
  /** Bytes of packet memory, a multiple of 65,536; 64 MB unless given. */
  size?: number;
  /** CPUs of each host; 1 unless given. */
  cpus?: number;
  /** Whether a timer that is armed when the test ends is a leak, after all hosts have closed. No unless given. */
  timers?: boolean;
}

/** What hosts of one test share. */
export interface Machine {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly arena: CheckingArena;
  readonly cpus: number;
}

const MEMORY = 64 * 1024 * 1024;

/**
 * A machine for the test that runs: virtual time from 0, seeded randomness, memory that finds misuse. Call it in a test
 * or in `beforeEach`. When the test has passed, it fails after all if a block of memory is still alive.
 */
export function machine(options: MachineOptions = {}): Machine {
  const arena = new CheckingArena(options.size ?? MEMORY);
  const clock = virtualClock();
  whenPassed(() => {
    arena.check();
    const armed = clock.timers.size;
    if (options.timers === true && armed > 0)
      throw new Error(`${armed} timers are still armed, the first for ${clock.nextTimer} ns`);
  });
  return { clock, random: seededRandom(options.seed ?? 1), arena, cpus: options.cpus ?? 1 };
}

/** Runs `check` when the test has ended well; checks registered later run earlier. */
export function whenPassed(check: () => void): void {
  onTestFinished(({ task }) => {
    if (task.result?.state !== 'fail') check();
  });
}
