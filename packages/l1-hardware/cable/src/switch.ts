import type { Clock } from '@stack/clock';
import { StackError } from '@stack/plugin';
import { createCable, type Cable, type CableSetup } from './cable.ts';
import type { Frame } from './frame.ts';
import { MacTable } from './mac-table.ts';
import type { CablePort } from './port.ts';
import { linkSettings, perDirection } from './settings.ts';

/** The options hold for the cable at each port: `aToB` is towards the switch. */
export interface SwitchSetup extends CableSetup {
  /** How many, from 2 to 1024. */
  ports: number;
}

/** What a port that is slower than the others buffers, unless its options say something else. */
const DEFAULT_QUEUE = '512KB';

/**
 * A learning switch: sends a frame to the port where its destination was seen, or else to all others. Each port
 * comes with a cable, whose far end is what chips are plugged into.
 */
export class Switch {
  readonly name: string;
  /** Where to plug in. */
  readonly ports: readonly CablePort[];
  /** The cable at each port, to configure, unplug and capture. */
  readonly cables: readonly Cable[];
  /** Frames for a known port, and those that went to all. */
  forwarded = 0;
  flooded = 0;
  /** Frames damaged on their way in, which go no further. */
  fcsErrors = 0;
  readonly #clock: Clock;
  readonly #table = new MacTable();
  readonly #inner: readonly CablePort[];

  constructor({ ports, name = 'switch', ...setup }: SwitchSetup) {
    if (!Number.isInteger(ports) || ports < 2 || ports > 1024) {
      throw new StackError('ERR_STACK_CABLE_OPTION', `a switch cannot have ${ports} ports`, 'give 2 to 1024');
    }
    this.name = name;
    this.#clock = setup.clock;
    const options = { ...setup, bToA: { ...defaultQueue(setup), ...setup.bToA } };
    this.cables = Array.from({ length: ports }, (_, port) => createCable({ ...options, name: `${name}.${port}` }));
    this.ports = this.cables.map((cable) => cable.a);
    this.#inner = this.cables.map((cable) => cable.b);
    this.#inner.forEach((inner, port) => {
      inner.plug({
        receive: (frame) => this.#forward(frame, port),
        linkChanged: (up) => {
          if (!up) this.#table.forget(port);
        },
      });
    });
  }

  #forward(frame: Frame, from: number): void {
    if (frame.corrupt) {
      this.fcsErrors++;
      return;
    }
    const now = this.#clock.now();
    this.#table.learn(frame, from, now);
    const to = (frame.byteAt(0) & 1) === 1 ? -1 : this.#table.find(frame, now);
    if (to < 0) this.#flood(frame, from);
    else if (to !== from) {
      this.forwarded++;
      this.#inner[to].send(frame);
    }
  }

  #flood(frame: Frame, from: number): void {
    this.flooded++;
    for (let port = 0; port < this.#inner.length; port++) {
      if (port !== from && this.#inner[port].up) this.#inner[port].send(frame);
    }
  }
}

/** A switch cannot make a sender wait, so a port with a rate has a queue. */
function defaultQueue(setup: CableSetup): { queue?: '512KB' } {
  const { bToA } = perDirection(setup);
  return linkSettings({ rate: bToA.rate }).rate > 0 && !bToA.queue ? { queue: DEFAULT_QUEUE } : {};
}

/** A switch with nothing plugged in. Throws `ERR_STACK_CABLE_OPTION` for an option that makes no sense. */
export function createSwitch(setup: SwitchSetup): Switch {
  return new Switch(setup);
}
