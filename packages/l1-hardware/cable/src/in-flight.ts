import type { Nanoseconds } from '@stack/clock';
import type { Arena } from '@stack/memory';
import { LARGEST_BLOCK } from '@stack/memory';
import { Frame } from './frame.ts';

/** A frame under way: a copy in a block of the arena. */
export class InFlight {
  readonly frame: Frame;
  arrival: Nanoseconds = 0;
  /** How often it arrives: 2 for a duplicate. */
  copies = 1;
  /** Held back: how many frames must still overtake it. */
  behind = 0;
  next: InFlight | null = null;

  constructor(memory: Uint8Array) {
    this.frame = new Frame(memory, 1);
  }
}

/** Records come from a free list. */
export class InFlightPool {
  readonly #arena: Arena;
  #free: InFlight | null = null;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** A copy of the frame. Null when the arena has no block for it. */
  take(frame: Frame): InFlight | null {
    const block = frame.length > LARGEST_BLOCK ? 0 : this.#arena.alloc(frame.length);
    if (block === 0) return null;
    frame.copyTo(this.#arena.u8, block);
    const record = this.#free ?? new InFlight(this.#arena.u8);
    this.#free = record.next;
    record.next = null;
    record.copies = 1;
    record.frame.clear();
    record.frame.corrupt = frame.corrupt;
    record.frame.add(block, frame.length);
    return record;
  }

  give(record: InFlight): void {
    this.#arena.release(record.frame.addresses[0]);
    record.next = this.#free;
    this.#free = record;
  }
}
