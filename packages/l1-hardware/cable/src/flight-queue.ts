import type { Nanoseconds } from '@stack/clock';
import type { InFlight } from './in-flight.ts';

/**
 * Frames under way, linked, first in, first out: where the delay was shortened meanwhile, a frame comes in together
 * with those in front of it.
 */
export class FlightQueue {
  first: InFlight | null = null;
  #last: InFlight | null = null;

  get empty(): boolean {
    return this.first === null;
  }

  push(record: InFlight): void {
    record.next = null;
    if (this.#last === null) this.first = record;
    else this.#last.next = record;
    this.#last = record;
  }

  shift(): InFlight | null {
    const record = this.first;
    if (record === null) return null;
    this.first = record.next;
    if (this.first === null) this.#last = null;
    record.next = null;
    return record;
  }

  /** The first one, if it has arrived by `now`. */
  takeDue(now: Nanoseconds): InFlight | null {
    return this.first !== null && this.first.arrival <= now ? this.shift() : null;
  }
}
