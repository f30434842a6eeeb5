import type { Call, ScriptEvent } from '../language/script.ts';
import { ScriptError } from '../language/script-error.ts';
import { checkOutcome, type Outcome } from '../syscalls/outcome.ts';
import { seconds, toleranceFor } from '../time/tolerance.ts';
import type { Session } from './session.ts';

/** How long the next call waits for one that has not returned in time, in microseconds. */
const PATIENCE = 1_000_000;

/** A system call that is expected to take a while. */
export class BlockedCall {
  readonly event: ScriptEvent;
  readonly #call: Call;
  readonly #end: number;
  readonly #tolerance: number;
  #outcome: Outcome | null = null;
  #error: unknown = null;
  #returned = 0;

  /** It was made at `start` and is to return at `end`, both in microseconds since the script began. */
  constructor(session: Session, event: ScriptEvent, start: number, end: number, pending: Promise<Outcome>) {
    this.event = event;
    this.#call = event.action as Call;
    this.#end = end;
    this.#tolerance = toleranceFor(session.config, end - start);
    pending.then(
      (outcome) => {
        this.#outcome = outcome;
        this.#returned = session.now;
      },
      (error: unknown) => {
        this.#error = error;
      },
    );
  }

  /** Whether it is over; throws when it ended otherwise than it should. */
  check(session: Session): boolean {
    if (this.#error !== null) throw this.#error as Error;
    if (this.#outcome === null) return false;
    session.blocked = null;
    const { line } = this.event;
    checkOutcome(line, this.#call, this.#outcome, session.descriptors);
    if (Math.abs(this.#returned - this.#end) > this.#tolerance) {
      throw new ScriptError(
        line,
        `the call was to return at ${seconds(this.#end)}, it did at ${seconds(this.#returned)}`,
      );
    }
    return true;
  }

  /** Runs on until it is over. Throws when it does not end in time. */
  async wait(session: Session): Promise<void> {
    const limit = Math.max(session.now, this.#end + this.#tolerance) + PATIENCE;
    await session.settle();
    while (session.blocked === this) {
      if (await session.step(limit)) continue;
      if (session.blocked !== this) return;
      throw new ScriptError(this.event.line, `the call was to return at ${seconds(this.#end)}, it still blocks`);
    }
  }
}
