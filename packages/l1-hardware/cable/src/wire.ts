import type { Nanoseconds } from '@stack/clock';
import type { LinkSettings } from './settings.ts';
import type { LinkStatistics } from './statistics.ts';
import { WaitingFrames } from './waiting-frames.ts';

/** Preamble with start delimiter (8), frame check sequence (4) and the gap between frames (12). */
export const FRAME_OVERHEAD = 24;

/**
 * When the bits of each frame leave. The queue needs no events of its own: the frame that arrives finds out who has
 * left since.
 */
export class Wire {
  /** Unlimited, or a sender that waits for {@link nextFree}, has no queue. */
  #hasQueue = false;
  #settings!: LinkSettings;
  /** When the last bit of the last frame leaves; a fraction, so that rounding errors do not add up. */
  #free = 0;
  readonly #waiting = new WaitingFrames();
  readonly #statistics: LinkStatistics;
  readonly #lateness: Nanoseconds;

  /**
   * A sender that waits for {@link nextFree} on a real clock is woken late, every time. If it is not later than
   * `lateness`, its frame leaves as if it had been on time, or the wire would never reach its rate.
   */
  constructor(settings: LinkSettings, statistics: LinkStatistics, lateness: Nanoseconds) {
    this.#statistics = statistics;
    this.#lateness = lateness;
    this.configure(settings);
  }

  /** Frames accepted before keep the times they got. */
  configure(settings: LinkSettings): void {
    this.#settings = settings;
    this.#hasQueue = settings.queueFrames !== Infinity || settings.queueBytes !== Infinity;
    if (!this.#hasQueue) this.#waiting.clear();
  }

  /** When a frame can be sent without waiting. */
  get nextFree(): Nanoseconds {
    return this.#hasQueue || this.#settings.rate === 0 ? 0 : Math.ceil(this.#free);
  }

  /** When the last bit of a frame of `length` bytes has left; -1 when the queue is full. */
  accept(length: number, now: Nanoseconds): Nanoseconds {
    const { rate } = this.#settings;
    if (rate === 0) return now;
    const start = this.#free >= now - this.#lateness ? this.#free : now;
    if (this.#hasQueue && !this.#enqueue(length, start, now)) return -1;
    this.#free = start + ((length + FRAME_OVERHEAD) * 8e9) / rate;
    return Math.ceil(this.#free);
  }

  clear(): void {
    this.#waiting.clear();
    this.#free = 0;
  }

  #enqueue(length: number, start: Nanoseconds, now: Nanoseconds): boolean {
    const waiting = this.#waiting;
    waiting.leave(now);
    if (start <= now) return true;
    if (waiting.frames >= this.#settings.queueFrames || waiting.bytes + length > this.#settings.queueBytes)
      return false;
    waiting.push(start, length);
    const statistics = this.#statistics;
    if (waiting.frames > statistics.maxQueueFrames) statistics.maxQueueFrames = waiting.frames;
    if (waiting.bytes > statistics.maxQueueBytes) statistics.maxQueueBytes = waiting.bytes;
    return true;
  }
}
