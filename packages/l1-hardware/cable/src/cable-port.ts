import type { Nanoseconds } from '@stack/clock';
import { StackError, type Undo } from '@stack/plugin';
import type { Direction } from './direction.ts';
import type { Frame } from './frame.ts';
import type { CablePort, FrameReceiver } from './port.ts';

/** One end of a cable: the beginning of one direction and the end of the other. */
export class Port implements CablePort {
  readonly name: string;
  readonly #out: Direction;
  readonly #in: Direction;
  readonly #changed: () => void;

  /** `changed` is called when somebody plugs in or out. */
  constructor(name: string, out: Direction, into: Direction, changed: () => void) {
    this.name = name;
    this.#out = out;
    this.#in = into;
    this.#changed = changed;
  }

  get rate(): number {
    return this.#out.rate;
  }

  get up(): boolean {
    return this.#out.up;
  }

  get nextFree(): Nanoseconds {
    return this.#out.wire.nextFree;
  }

  plug(receiver: FrameReceiver): Undo {
    if (this.#in.receiver !== null) {
      throw new StackError(
        'ERR_STACK_PORT_TAKEN',
        `something is plugged into ${this.name} already`,
        'use the other end, another cable, or a switch',
      );
    }
    this.#in.receiver = receiver;
    this.#changed();
    return () => {
      if (this.#in.receiver !== receiver) return;
      this.#in.receiver = null;
      this.#changed();
    };
  }

  send(frame: Frame): void {
    this.#out.send(frame);
  }
}
