import { Timer, type Clock, type Nanoseconds } from '@stack/clock';
import type { FlightQueue } from './flight-queue.ts';
import type { InFlight } from './in-flight.ts';

/** Frames held back so that later ones overtake them. Their `arrival` is the time until which they wait at most. */
export class HeldFrames {
  readonly #clock: Clock;
  readonly #expire: (record: InFlight) => void;
  readonly #timer: Timer;
  readonly #records: InFlight[] = [];

  /** `expire` is given the frames that nobody overtook in time. */
  constructor(clock: Clock, expire: (record: InFlight) => void) {
    this.#clock = clock;
    this.#expire = expire;
    this.#timer = new Timer(clock, { run: () => this.#expireDue() });
  }

  get empty(): boolean {
    return this.#records.length === 0;
  }

  add(record: InFlight): void {
    this.#records.push(record);
    this.#arm();
  }

  /** One more frame has overtaken all of them; gives the first one that need wait no more. */
  overtaken(): InFlight | null {
    for (let i = 0; i < this.#records.length; i++) this.#records[i].behind--;
    return this.next();
  }

  /** The next one that need wait no more. */
  next(): InFlight | null {
    const index = this.#records.findIndex((record) => record.behind <= 0);
    return index < 0 ? null : this.#take(index);
  }

  /** Moves all of them to `queue`. */
  releaseAll(queue: FlightQueue): void {
    while (!this.empty) queue.push(this.#take(0));
  }

  #take(index: number): InFlight {
    const [record] = this.#records.splice(index, 1);
    this.#arm();
    return record;
  }

  #arm(): void {
    if (this.empty) this.#timer.cancel();
    else this.#timer.set(Math.min(...this.#records.map((record) => record.arrival)));
  }

  #expireDue(): void {
    const now = this.#clock.now();
    // Looked for afresh each time: what the receiver does with a frame may hold back or release others.
    for (let index = this.#due(now); index >= 0; index = this.#due(now)) this.#expire(this.#take(index));
  }

  #due(now: Nanoseconds): number {
    return this.#records.findIndex((record) => record.arrival <= now);
  }
}
