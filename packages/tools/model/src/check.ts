import { drawScenario } from './scenario/draw.ts';
import { Run, type Outcome } from './run.ts';
import { Workshop } from './world/machine.ts';

/** A run that went wrong, run once more with a tape. */
export interface Failure {
  readonly seed: number;
  readonly error: Error;
  /** What passed between the hosts, as a pcapng file. */
  readonly capture: Uint8Array;
}

export interface Report {
  readonly runs: number;
  readonly total: Outcome;
  readonly failures: readonly Failure[];
}

export interface CheckOptions {
  /** The first seed; the others follow it. */
  readonly seed: number;
  readonly runs: number;
  /** After so many the search ends; 1 unless given. */
  readonly mostFailures?: number;
  onProgress?(runs: number): void;
}

/** The run of one seed, from scratch. Throws what went wrong. */
export function runSeed(seed: number, workshop = new Workshop()): Outcome {
  return new Run(drawScenario(seed), workshop).go();
}

/** The same, with a capture, whether it goes well or not. */
export function replay(seed: number): { error: Error | null; capture: Uint8Array } {
  const run = new Run(drawScenario(seed), new Workshop(), true);
  let error: Error | null = null;
  try {
    run.go();
  } catch (caught) {
    error = caught as Error;
  }
  return { error, capture: run.world.tape!.bytes() };
}

/** Runs one seed after another, and looks closer at those that go wrong. */
export function check(options: CheckOptions): Report {
  // Stacks cost a third of the time, and who fails is run again.
  const engine = Error as { stackTraceLimit?: number };
  const limit = engine.stackTraceLimit;
  engine.stackTraceLimit = 0;
  try {
    return checkAll(options, limit);
  } finally {
    engine.stackTraceLimit = limit;
  }
}

function checkAll(options: CheckOptions, stackTraceLimit: number | undefined): Report {
  const { seed: first, runs, mostFailures = 1 } = options;
  const workshop = new Workshop();
  const failures: Failure[] = [];
  const total = { segments: 0, events: 0, delivered: 0, retransmitted: 0 };
  let done = 0;
  for (; done < runs && failures.length < mostFailures; done++) {
    const seed = first + done;
    try {
      const outcome = runSeed(seed, workshop);
      for (const key of Object.keys(total) as (keyof Outcome)[]) total[key] += outcome[key];
    } catch (error) {
      workshop.renew();
      const again = withStacks(stackTraceLimit, () => replay(seed));
      failures.push({ seed, error: again.error ?? (error as Error), capture: again.capture });
    }
    options.onProgress?.(done + 1);
  }
  return { runs: done, total, failures };
}

function withStacks<T>(limit: number | undefined, act: () => T): T {
  const engine = Error as { stackTraceLimit?: number };
  engine.stackTraceLimit = limit;
  const result = act();
  engine.stackTraceLimit = 0;
  return result;
}
