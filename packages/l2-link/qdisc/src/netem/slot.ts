import type { Random } from '@stack/clock';
import { badOption, whole } from '../base/options.ts';
import { bytesOf, formatSize, formatTime, nanoseconds, type Duration, type Size } from '../base/units.ts';
import { Crandom } from './crandom.ts';
import { Jitter, type Distribution } from './distribution.ts';

/** A medium that sends in bursts, as Wi-Fi and cable modems do: nothing leaves between two slots. */
export interface NetemSlot {
  /** The pause before a slot is uniform between these two; the same unless `maxDelay` is given. */
  minDelay?: Duration;
  maxDelay?: Duration;
  /** Or of a distribution, with a mean and a jitter. */
  distribution?: Distribution;
  delay?: Duration;
  jitter?: Duration;
  /** What leaves in a slot at most; all that is due unless given. */
  packets?: number;
  bytes?: Size;
}

/**
 * When the next slot begins, and what still fits into the one that runs.
 *
 * @kernel net/sched/sch_netem.c struct slotstate, get_slot_next()
 */
export class Slots {
  /** When packets may leave, ns. */
  next: number;
  readonly #given: NetemSlot;
  readonly #pause = new Jitter();
  readonly #packets: number;
  readonly #bytes: number;
  #packetsLeft: number;
  #bytesLeft: number;
  readonly #random: Crandom;

  /** @kernel net/sched/sch_netem.c get_slot() */
  constructor(slot: NetemSlot, random: Random, now: number) {
    this.#given = slot;
    this.#random = new Crandom(random);
    if (slot.distribution === undefined) this.#between(slot);
    else this.#pause.change(nanoseconds(slot.delay ?? 0), nanoseconds(slot.jitter ?? 0), slot.distribution);
    this.#packets = whole('netem', 'slot of packets', slot.packets ?? 0) || Infinity;
    this.#bytes = whole('netem', 'slot of bytes', bytesOf(slot.bytes ?? 0)) || Infinity;
    this.#packetsLeft = this.#packets;
    this.#bytesLeft = this.#bytes;
    this.next = now;
  }

  #between({ minDelay = 0, maxDelay = minDelay, delay, jitter }: NetemSlot): void {
    const [least, most] = [nanoseconds(minDelay), nanoseconds(maxDelay)];
    if (most < least) throw badOption('netem', 'a slot whose maxDelay is below its minDelay', 'raise it');
    if (delay !== undefined || jitter !== undefined) {
      throw badOption('netem', 'a slot with a delay or jitter of no distribution', 'give minDelay and maxDelay');
    }
    this.#pause.change((least + most) / 2, (most - least) / 2, 'uniform');
  }

  /** A packet that becomes due after the slot has begun waits for another one. */
  due(at: number): void {
    if (this.next < at) this.#begin(at);
  }

  /** A packet leaves. */
  take(bytes: number, now: number): void {
    this.#packetsLeft--;
    this.#bytesLeft -= bytes;
    if (this.#packetsLeft <= 0 || this.#bytesLeft <= 0) this.#begin(now);
  }

  #begin(now: number): void {
    this.next = now + Math.max(0, Math.floor(this.#pause.delay(this.#random)));
    this.#packetsLeft = this.#packets;
    this.#bytesLeft = this.#bytes;
  }

  dump(): string {
    const { distribution, minDelay = 0, maxDelay = minDelay, delay = 0, jitter = 0 } = this.#given;
    const time = (duration: Duration): string => formatTime(nanoseconds(duration));
    const pause =
      distribution === undefined
        ? `${time(minDelay)} ${time(maxDelay)}`
        : `distribution ${time(delay)} ${time(jitter)}`;
    const packets = this.#packets === Infinity ? '' : ` packets ${this.#packets}`;
    return `${pause}${packets}${this.#bytes === Infinity ? '' : ` bytes ${formatSize(this.#bytes)}`}`;
  }
}
