import type { Clock, Random } from '@stack/clock';
import type { Arena } from '@stack/memory';
import type { Undo } from '@stack/plugin';
import { Direction } from './direction.ts';
import { Port } from './cable-port.ts';
import { Witnesses, type CaptureListener } from './capture.ts';
import type { CableOptions } from './options.ts';
import type { CablePort } from './port.ts';
import { linkSettings, perDirection } from './settings.ts';
import type { LinkStatistics } from './statistics.ts';

/** What a cable is made of, and its options. */
export interface CableSetup extends CableOptions {
  clock: Clock;
  /** Forked for each direction: what one of them throws does not change the other. */
  random: Random;
  /** The machine's memory, where frames stay while they are under way. */
  arena: Arena;
  /** For captures and error messages; `cable` unless given. */
  name?: string;
}

/**
 * A full-duplex Ethernet cable. Its link is up while something is plugged in at both ends and the cable was not
 * unplugged.
 */
export class Cable {
  readonly name: string;
  readonly a: CablePort;
  readonly b: CablePort;
  readonly #clock: Clock;
  readonly #aToB: Direction;
  readonly #bToA: Direction;
  #options: CableOptions;
  #plugged = true;
  readonly #witnesses: Witnesses;

  constructor({ clock, random, arena, name = 'cable', ...options }: CableSetup) {
    const { aToB, bToA } = perDirection(options);
    this.name = name;
    this.#clock = clock;
    this.#options = options;
    this.#aToB = new Direction(clock, random.fork(`${name} a to b`), arena, linkSettings(aToB));
    this.#bToA = new Direction(clock, random.fork(`${name} b to a`), arena, linkSettings(bToA));
    const changed = (): void => this.#linkChanged();
    this.a = new Port(`${name}.a`, this.#aToB, this.#bToA, changed);
    this.b = new Port(`${name}.b`, this.#bToA, this.#aToB, changed);
    this.#witnesses = new Witnesses(clock, this.#aToB, this.#bToA);
  }

  /** What each direction has counted since the beginning. */
  get statistics(): { readonly aToB: LinkStatistics; readonly bToA: LinkStatistics } {
    return { aToB: this.#aToB.statistics, bToA: this.#bToA.statistics };
  }

  /** Bits per second, from a to b. 0 is unlimited. */
  get rate(): number {
    return this.#aToB.rate;
  }

  get up(): boolean {
    return this.#aToB.up;
  }

  /** Changes the options given, while frames fly. Throws `ERR_STACK_CABLE_OPTION`, and then changes nothing. */
  configure(options: CableOptions): void {
    const { aToB: ofAToB, bToA: ofBToA, ...both } = options;
    const before = perDirection(this.#options);
    const aToB = { ...before.aToB, ...both, ...ofAToB };
    const bToA = { ...before.bToA, ...both, ...ofBToA };
    const settings = [linkSettings(aToB), linkSettings(bToA)];
    this.#options = { aToB, bToA };
    this.#aToB.configure(settings[0]);
    this.#bToA.configure(settings[1]);
  }

  /** Takes the link down. What is under way is lost, and its memory given back. */
  unplug(): void {
    this.#plugged = false;
    this.#linkChanged();
  }

  plug(): void {
    this.#plugged = true;
    this.#linkChanged();
  }

  /** Shows every frame to the listener at the instant it is sent, with what became of it. */
  capture(listener: CaptureListener): Undo {
    return this.#witnesses.add(listener);
  }

  #linkChanged(): void {
    const [aToB, bToA] = [this.#aToB, this.#bToA];
    const up = this.#plugged && aToB.receiver !== null && bToA.receiver !== null;
    if (up === aToB.up) return;
    aToB.up = bToA.up = up;
    if (!up) {
      aToB.cut();
      bToA.cut();
    }
    // Later, as a task: whoever plugs in finds the state in `port.up` and must not be called back meanwhile.
    this.#clock.post({ run: () => this.#tell(up) });
  }

  #tell(up: boolean): void {
    this.#aToB.receiver?.linkChanged(up);
    this.#bToA.receiver?.linkChanged(up);
  }
}

/** A cable with two free ends. Throws `ERR_STACK_CABLE_OPTION` for an option that makes no sense. */
export function createCable(setup: CableSetup): Cable {
  return new Cable(setup);
}
