/** A window of equal slots, searched from where the last search ended: allocation for bounce buffers. */
export class Slots {
  readonly #used: Uint8Array;
  #next = 0;

  constructor(count: number) {
    this.#used = new Uint8Array(count);
  }

  /** Slots in use. */
  get live(): number {
    return this.#used.reduce((sum, used) => sum + used, 0);
  }

  /** The first of `count` neighbouring slots; -1 when there are none. */
  take(count: number): number {
    const last = this.#used.length - count;
    for (let tries = 0; tries <= last; tries++) {
      if (this.#next > last) this.#next = 0;
      const first = this.#next++;
      if (!this.#free(first, count)) continue;
      this.#used.fill(1, first, first + count);
      this.#next = first + count;
      return first;
    }
    return -1;
  }

  give(first: number, count: number): void {
    this.#used.fill(0, first, first + count);
  }

  #free(first: number, count: number): boolean {
    for (let i = first; i < first + count; i++) if (this.#used[i] !== 0) return false;
    return true;
  }
}
