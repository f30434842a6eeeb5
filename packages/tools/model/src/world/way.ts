import { MSEC, Timer, type Random, type VirtualClock } from '@stack/clock';
import { chance } from '../choice.ts';
import type { Path } from '../scenario/scenario.ts';
import type { Tape } from './tape.ts';
import type { ModelIp } from './model-ip.ts';

const CE = 3;

/** One direction between two hosts: loses, delays, reorders, doubles and marks what passes. */
export class Way {
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #path: Path;
  readonly #from: ModelIp;
  readonly #to: ModelIp;
  readonly #tape: Tape | null;

  constructor(clock: VirtualClock, random: Random, path: Path, from: ModelIp, to: ModelIp, tape: Tape | null) {
    this.#clock = clock;
    this.#random = random;
    this.#path = path;
    this.#from = from;
    this.#to = to;
    this.#tape = tape;
  }

  carry(bytes: Uint8Array, ecn: number, who = ''): void {
    const random = this.#random;
    if (this.#isDark() || chance(random, this.#path.loss)) {
      this.#tape?.note(bytes, this.#from.address, this.#to.address, ecn, `${who} lost`.trim());
      return;
    }
    const seen = ecn !== 0 && chance(random, this.#path.mark) ? CE : ecn;
    const copies = chance(random, this.#path.duplicate) ? 2 : 1;
    this.#tape?.note(bytes, this.#from.address, this.#to.address, seen, copies === 2 ? `${who} doubled`.trim() : who);
    for (let i = 0; i < copies; i++) {
      const delay = this.#path.delay + random.fraction() * this.#path.jitter;
      new Timer(this.#clock, { run: () => this.#to.receive(bytes, seen) }).setIn(Math.round(delay * MSEC));
    }
  }

  #isDark(): boolean {
    const { dark } = this.#path;
    const ms = this.#clock.now() / MSEC;
    return dark !== null && ms >= dark[0] && ms < dark[1];
  }
}
