import type { ScriptEvent } from '../language/script.ts';
import { ScriptError } from '../language/script-error.ts';

/** When an event is due, in microseconds since the script began. */
export interface DueTime {
  readonly from: number;
  /** Equal to `from` unless it is a range. */
  readonly to: number;
  /** `*`. */
  readonly any: boolean;
  /** Since the event before. */
  readonly gap: number;
  /** When a blocking call is due to return, or null. */
  readonly end: number | null;
}

/** Gives events their times, one after the other. */
export class EventTimes {
  /** `at` is null after `*`, which happens when it happens. */
  #previous: { readonly at: number | null; readonly isInbound: boolean } | null = null;

  /**
   * `now`: the clock as the runner comes to the event. Relative times count from there, only packets that come in one
   * after another from the time of the one before.
   */
  next(event: ScriptEvent, now: number): DueTime {
    const { time, action } = event;
    const isInbound = action.kind === 'packet' && action.inbound;
    const previous = this.#previous;
    const before = previous?.at ?? (previous === null ? 0 : now);
    const base = previous !== null && isInbound && previous.isInbound ? before : now;
    const shift = time.base === 'previous' ? base : 0;
    const any = time.base === 'any';
    const from = any ? now : time.from + shift;
    const to = time.to === null ? from : time.to + shift;
    this.#check(event, from, to, before);
    this.#previous = { at: any ? null : from, isInbound };
    const end = action.kind === 'call' && action.end !== null ? action.end + shift : null;
    return { from, to, any, gap: from - before, end };
  }

  #check({ line, time }: ScriptEvent, from: number, to: number, before: number): void {
    if (this.#previous === null && from !== 0) throw new ScriptError(line, 'the first event must be at time 0');
    if (time.base === 'start' && from < before) {
      throw new ScriptError(line, 'its time is before that of the event in front of it');
    }
    if (to < from) throw new ScriptError(line, 'its range of times ends before it begins');
  }
}
