import { CakeTin } from './tin.ts';

/** The tins of a discipline, and whose turn it is. */
export class CakeTins {
  readonly all: CakeTin[] = [];
  #current = 0;

  /** That many; gives back those that go. */
  resize(count: number): CakeTin[] {
    const gone = this.all.splice(count);
    while (this.all.length < count) this.all.push(new CakeTin());
    this.#current = 0;
    return gone;
  }

  /** Without a rate the tins take turns by weight. At least one must have packets. */
  byTurn(): CakeTin {
    for (;;) {
      const tin = this.all[this.#current];
      if (tin.nextFlow !== null && tin.deficit > 0) return tin;
      if (tin.nextFlow !== null) tin.deficit += tin.quantum;
      this.#current = (this.#current + 1) % this.all.length;
    }
  }

  /** With a rate, the last one that is within its share; or that which will be first. At least one must have packets. */
  byTime(now: number): CakeTin {
    let best = this.all[0];
    let earliest = Infinity;
    for (let i = 0; i < this.all.length; i++) {
      const tin = this.all[i];
      if (tin.nextFlow === null) continue;
      const late = tin.timeNext - now;
      if (late > 0 && late > earliest) continue;
      best = tin;
      earliest = late;
    }
    return best;
  }
}
