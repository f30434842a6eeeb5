import { MSEC, RealClock, Timer, type Clock, type Nanoseconds, type Random } from '@stack/clock';
import type { Arena } from '@stack/memory';
import { flipBit, throwFate } from './dice.ts';
import {
  FATE_CORRUPTED,
  FATE_DUPLICATED,
  FATE_GONE,
  FATE_LINK_DOWN,
  FATE_LOST,
  FATE_NO_MEMORY,
  FATE_QUEUE_FULL,
  FATE_REORDERED,
} from './fate.ts';
import { FlightQueue } from './flight-queue.ts';
import type { Frame } from './frame.ts';
import { HeldFrames } from './held-frames.ts';
import { InFlightPool, type InFlight } from './in-flight.ts';
import type { FrameReceiver } from './port.ts';
import type { LinkSettings } from './settings.ts';
import { LinkStatistics } from './statistics.ts';
import { Wire } from './wire.ts';

/** Told of every frame at the instant its sender gives it to the cable, as it was then. The frame is only lent. */
export type FrameWitness = (frame: Frame, fate: number) => void;

/** A turn of the event loop, with what it does for others. */
const REAL_LATENESS = 2 * MSEC;

/** One direction of a cable. */
export class Direction {
  readonly statistics = new LinkStatistics();
  readonly wire: Wire;
  /** Who is plugged in at the far end. */
  receiver: FrameReceiver | null = null;
  up = false;
  /** For captures; null while nobody looks. */
  witness: FrameWitness | null = null;
  #settings!: LinkSettings;
  /** Nothing to do but hand over. */
  #straight = false;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #pool: InFlightPool;
  readonly #flying = new FlightQueue();
  readonly #held: HeldFrames;
  readonly #timer: Timer;

  constructor(clock: Clock, random: Random, arena: Arena, settings: LinkSettings) {
    this.#clock = clock;
    this.#random = random;
    this.#pool = new InFlightPool(arena);
    this.#timer = new Timer(clock, { run: () => this.#arrive() });
    this.#held = new HeldFrames(clock, (record) => this.#deliver(record));
    this.wire = new Wire(settings, this.statistics, clock instanceof RealClock ? REAL_LATENESS : 0);
    this.configure(settings);
  }

  configure(settings: LinkSettings): void {
    this.#settings = settings;
    this.wire.configure(settings);
    const { rate, delay, loss, losesFrame, duplicate, reorder, corrupt } = settings;
    this.#straight = rate === 0 && delay === 0 && loss + duplicate + reorder + corrupt === 0 && losesFrame === null;
  }

  get rate(): number {
    return this.#settings.rate;
  }

  send(frame: Frame): void {
    const index = this.statistics.frames++;
    this.statistics.bytes += frame.length;
    if (this.#straight && this.up && this.witness === null && this.#flying.empty && this.#held.empty) this.#hand(frame);
    else this.#carry(frame, index);
  }

  /** The link went down: what is under way is lost. */
  cut(): void {
    this.#timer.cancel();
    this.#held.releaseAll(this.#flying);
    for (let record = this.#flying.shift(); record !== null; record = this.#flying.shift()) {
      this.statistics.linkDown += record.copies;
      this.#pool.give(record);
    }
    this.wire.clear();
  }

  #carry(frame: Frame, index: number): void {
    if (!this.up) return this.#tell(frame, FATE_LINK_DOWN);
    const now = this.#clock.now();
    const left = this.wire.accept(frame.length, now);
    if (left < 0) return this.#tell(frame, FATE_QUEUE_FULL);
    const fate = throwFate(this.#settings, this.#random, frame, index);
    if (fate === FATE_LOST) return this.#tell(frame, fate);
    const arrival = left + this.#settings.delay;
    if (fate === 0 && arrival <= now && this.#flying.empty) {
      this.#tell(frame, fate);
      this.#hand(frame);
    } else {
      const record = this.#pool.take(frame);
      this.#tell(frame, record === null ? FATE_NO_MEMORY : fate);
      if (record === null) return;
      this.#prepare(record, fate, arrival);
      if (fate & FATE_REORDERED) return this.#hold(record);
      this.#fly(record, now);
    }
    this.#overtake(arrival, now);
  }

  #prepare(record: InFlight, fate: number, arrival: Nanoseconds): void {
    const { frame } = record;
    record.arrival = arrival;
    if (fate & FATE_DUPLICATED) record.copies = 2;
    if (fate & FATE_CORRUPTED) {
      flipBit(frame, this.#random);
      frame.corrupt ||= this.#settings.corruptFcs;
    }
  }

  #hold(record: InFlight): void {
    record.behind = this.#settings.reorderGap;
    record.arrival += this.#settings.reorderDelay;
    this.#held.add(record);
  }

  /** A frame went by those that are held back: for some it was the last one they waited for. */
  #overtake(arrival: Nanoseconds, now: Nanoseconds): void {
    if (this.#held.empty) return;
    for (let record = this.#held.overtaken(); record !== null; record = this.#held.next()) {
      record.arrival = arrival;
      this.#fly(record, now);
    }
  }

  #fly(record: InFlight, now: Nanoseconds): void {
    const alone = this.#flying.empty;
    if (alone && record.arrival <= now) return this.#deliver(record);
    this.#flying.push(record);
    if (alone) this.#timer.set(record.arrival);
  }

  #arrive(): void {
    const now = this.#clock.now();
    for (let record = this.#flying.takeDue(now); record !== null; record = this.#flying.takeDue(now))
      this.#deliver(record);
    if (this.#flying.first !== null) this.#timer.set(this.#flying.first.arrival);
  }

  #deliver(record: InFlight): void {
    for (let copy = record.copies; copy > 0; copy--) this.#hand(record.frame);
    this.#pool.give(record);
  }

  #hand(frame: Frame): void {
    if (this.receiver === null) {
      this.statistics.linkDown++;
      return;
    }
    this.statistics.delivered++;
    this.receiver.receive(frame);
  }

  #tell(frame: Frame, fate: number): void {
    if (fate !== 0) this.#count(fate);
    if (this.witness !== null) this.witness(frame, fate);
  }

  #count(fate: number): void {
    const { statistics } = this;
    if (fate & FATE_LOST) statistics.lost++;
    else if (fate & FATE_QUEUE_FULL) statistics.queueDrops++;
    else if (fate & FATE_NO_MEMORY) statistics.memoryDrops++;
    else if (fate & FATE_LINK_DOWN) statistics.linkDown++;
    if (fate & FATE_GONE) return;
    if (fate & FATE_CORRUPTED) statistics.corrupted++;
    if (fate & FATE_DUPLICATED) statistics.duplicated++;
    if (fate & FATE_REORDERED) statistics.reordered++;
  }
}
