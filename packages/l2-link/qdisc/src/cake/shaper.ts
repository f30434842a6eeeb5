import { RateConfig } from '../base/rate.ts';
import type { CakeTin } from './tin.ts';

/** When the link behind is free, and until when each tin is within its share of it. */
export class CakeShaper {
  /** How long bytes take on the link; null without a rate. */
  #link: RateConfig | null = null;
  /** When the link is free again, ns. */
  timeNext = 0;

  /** Whether there is a rate to keep. */
  get shapes(): boolean {
    return this.#link !== null;
  }

  /** Bytes a second; 0: as fast as the device takes packets. */
  setRate(rate: number): void {
    this.#link = rate === 0 ? null : new RateConfig(rate);
  }

  /** A packet comes. A link, or a tin, that was idle is free from now on, not since long ago. */
  wake(tin: CakeTin, qlen: number, now: number): void {
    if (qlen === 0 && this.timeNext < now) this.timeNext = now;
    if (tin.backlog === 0 && tin.timeNext < now) tin.timeNext = now;
  }

  /**
   * The link, and the tin's share of it, are taken for so many bytes; a packet that was dropped makes nobody late who was not.
   *
   * @kernel net/sched/sch_cake.c cake_advance_shaper()
   */
  charge(bytes: number, tin: CakeTin, now: number, dropped: boolean): void {
    tin.deficit -= bytes;
    const link = this.#link;
    if (link === null) return;
    const time = link.timeOf(bytes);
    this.timeNext = dropped ? this.timeNext + time : Math.max(this.timeNext, now - time) + time;
    tin.timeNext = Math.max(tin.timeNext, now) + Math.floor((time * link.rate) / tin.rate);
  }

  reset(): void {
    this.timeNext = 0;
  }
}
