import type { Clock, Nanoseconds } from '@stack/clock';
import type { Undo } from '@stack/plugin';
import type { Direction } from './direction.ts';
import type { Frame } from './frame.ts';

export type DirectionName = 'aToB' | 'bToA';

/**
 * Sees each frame as the sender gave it to the cable, at that time. `fate`: FATE_* bits, 0 when it was carried
 * unharmed. The frame is only lent.
 */
export type CaptureListener = (frame: Frame, direction: DirectionName, at: Nanoseconds, fate: number) => void;

/** The listeners of a cable; while there are none, frames pay nothing. */
export class Witnesses {
  readonly #clock: Clock;
  readonly #aToB: Direction;
  readonly #bToA: Direction;
  readonly #listeners: CaptureListener[] = [];

  constructor(clock: Clock, aToB: Direction, bToA: Direction) {
    this.#clock = clock;
    this.#aToB = aToB;
    this.#bToA = bToA;
  }

  add(listener: CaptureListener): Undo {
    this.#listeners.push(listener);
    this.#attach();
    return () => {
      const index = this.#listeners.indexOf(listener);
      if (index >= 0) this.#listeners.splice(index, 1);
      this.#attach();
    };
  }

  #attach(): void {
    const watched = this.#listeners.length > 0;
    this.#aToB.witness = watched ? (frame, fate) => this.#tell(frame, 'aToB', fate) : null;
    this.#bToA.witness = watched ? (frame, fate) => this.#tell(frame, 'bToA', fate) : null;
  }

  #tell(frame: Frame, direction: DirectionName, fate: number): void {
    const at = this.#clock.now();
    for (let i = 0; i < this.#listeners.length; i++) this.#listeners[i](frame, direction, at, fate);
  }
}
