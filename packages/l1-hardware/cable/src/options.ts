import type { Duration } from '@stack/clock';
import type { Frame } from './frame.ts';

/** Bits per second: a number, or as `tc` has it: `'100Mbit'`. 0 is as fast as memory. */
export type Rate = number | `${number}${'kbit' | 'Mbit' | 'Gbit'}`;

/** Frames, or bytes: `'64KB'` is 65,536 of them. 0 is no queue: the sender waits for the wire. */
export type QueueLimit = number | `${number}${'B' | 'KB' | 'MB'}`;

/** What one direction does to its frames. Probabilities are fractions from 0 to 1, for each frame anew. */
export interface LinkOptions {
  /** Without it, a frame arrives at the instant it is sent. */
  rate?: Rate;
  /** From the last bit sent to the last bit received. */
  delay?: Duration;
  /**
   * Frames beyond this limit, waiting for the wire, are dropped. Without it the sender is told when the wire is free
   * ({@link CablePort.nextFree}) and nothing is dropped. Needs a rate.
   */
  queue?: QueueLimit;
  /** A probability, or a rule: true loses the frame. `index` counts the frames sent from 0 on. */
  loss?: number | ((frame: Frame, index: number) => boolean);
  /** A second copy arrives right after the first. */
  duplicate?: number;
  /** Frames held back until `gap` later ones (3) have overtaken them, but no longer than `delay` (10 ms). */
  reorder?: number | { rate: number; gap?: number; delay?: Duration };
  /** One bit of the frame is turned over. With `fcs: false`, the frame check sequence does not reveal it. */
  corrupt?: number | { rate: number; fcs?: boolean };
}

/** Both directions alike, except for what one of them has of its own. */
export interface CableOptions extends LinkOptions {
  aToB?: LinkOptions;
  bToA?: LinkOptions;
}
