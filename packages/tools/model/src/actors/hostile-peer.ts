import { MSEC, Timer, type Random, type VirtualClock } from '@stack/clock';
import { anySize, between, chance, pick } from '../choice.ts';
import type { Adversary } from '../scenario/scenario.ts';
import { ACK, makeSegment, RST, segmentEnd, SYN, viewOf } from '../world/segment.ts';
import { nearby, oddFlags, oddSack } from './forge.ts';

/** SYN options that agree to all there is: MSS 1460, SACK, time stamps, window scale 7. */
const SYN_OPTIONS = [2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7];
const MSS_ONLY = [2, 4, 5, 180];

/** It falls silent after so many segments: two that answer each other would never end. */
const BREATH = 80;

/** Stands in for a TCP: opens the connection as one should, and then says whatever comes to its mind. */
export class HostilePeer {
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #zeal: number;
  readonly #say: (bytes: Uint8Array) => void;
  #sport = 0;
  #dport = 0;
  /** Its next sequence number, and what it has seen of the other's. */
  #next: number;
  #una = 0;
  #seen = 0;
  #stamp = 0;
  #stamps: boolean;
  #left = BREATH;

  constructor(clock: VirtualClock, random: Random, adversary: Adversary, say: (bytes: Uint8Array) => void) {
    this.#clock = clock;
    this.#random = random;
    this.#zeal = adversary.zeal;
    this.#say = say;
    this.#next = random.int32();
    this.#stamps = chance(random, 0.5);
    for (let i = 0; i < adversary.outbursts; i++)
      new Timer(clock, { run: () => this.#outburst() }).setIn(random.below(3000) * MSEC);
  }

  /** A segment of the other's arrives. */
  hear(bytes: Uint8Array): void {
    const random = this.#random;
    const view = viewOf(bytes);
    this.#sport = view.getUint16(2);
    this.#dport = view.getUint16(0);
    const end = segmentEnd(bytes);
    if ((bytes[13] & SYN) !== 0) {
      this.#seen = end;
      this.#una = end;
      this.#answerSyn();
      return;
    }
    if (((end - this.#seen) | 0) > 0) this.#seen = end;
    if (chance(random, this.#zeal)) this.#later(() => this.#honestAck());
    if (chance(random, this.#zeal)) this.#later(() => this.#outburst());
  }

  #later(act: () => void): void {
    new Timer(this.#clock, { run: act }).setIn(Math.round(this.#random.fraction() * 20 * MSEC));
  }

  #answerSyn(): void {
    const isn = this.#next;
    this.#next = (this.#next + 1) | 0;
    const options = this.#stamps ? SYN_OPTIONS : MSS_ONLY;
    this.#later(() => this.#send({ seq: isn, ack: this.#seen, flags: SYN | ACK, options, payload: 0, window: 65_535 }));
  }

  /** Acknowledges some of what came, and perhaps sends something in order. */
  #honestAck(): void {
    const random = this.#random;
    const length = chance(random, 0.5) ? anySize(random, 3000) : 0;
    const span = Math.max((this.#seen - this.#una) | 0, 0);
    this.#una = chance(random, 0.7) ? this.#seen : (this.#una + random.below(span + 1)) | 0;
    this.#send({ seq: this.#next, ack: this.#una, flags: ACK, options: [], payload: length, window: 60_000 });
    this.#next = (this.#next + length) | 0;
  }

  #outburst(): void {
    const random = this.#random;
    if (this.#dport === 0) return;
    const acks = [this.#una, this.#seen, (this.#seen + nearby(random)) | 0, (this.#una + nearby(random)) | 0];
    const flags = chance(random, 0.7) ? ACK : oddFlags(random);
    const deadly = (flags & (RST | SYN)) !== 0;
    this.#send({
      seq: (this.#next + (deadly || chance(random, 0.5) ? nearby(random) : 0)) | 0,
      ack: pick(random, acks),
      flags,
      options: chance(random, 0.6) ? oddSack(random, this.#una, this.#seen) : [],
      payload: chance(random, 0.3) ? anySize(random, 2000) : 0,
      window: pick(random, [0, 1, 10, 500, 65_535, random.below(65_536)]),
    });
  }

  #send(said: { seq: number; ack: number; flags: number; options: number[]; payload: number; window: number }): void {
    if (this.#left-- <= 0) return;
    this.#say(
      makeSegment({
        sport: this.#sport,
        dport: this.#dport,
        seq: said.seq,
        ack: said.ack,
        flags: said.flags,
        window: said.window,
        urgent: chance(this.#random, 0.1) ? between(this.#random, 0, 3000) : 0,
        options: (said.flags & SYN) === 0 ? this.#withStamp(said.options) : said.options,
        payload: new Uint8Array(said.payload),
      }),
    );
  }

  /** Mostly the time stamps that the connection needs, sometimes old ones or none. */
  #withStamp(options: number[]): number[] {
    if (!this.#stamps || options.length > 28 || chance(this.#random, 0.05)) return options;
    this.#stamp += chance(this.#random, 0.95) ? 1 : nearby(this.#random);
    const value = this.#stamp;
    return [
      1,
      1,
      8,
      10,
      (value >>> 24) & 255,
      (value >>> 16) & 255,
      (value >>> 8) & 255,
      value & 255,
      0,
      0,
      0,
      0,
      ...options,
    ];
  }
}
