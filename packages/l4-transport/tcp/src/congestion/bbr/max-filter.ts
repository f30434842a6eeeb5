/**
 * The largest value of a moving window: three candidates of falling age, so that a younger one is ready when the
 * best grows too old.
 *
 * @kernel lib/win_minmax.c minmax_running_max()
 */
export class MaxFilter {
  readonly #window: number;
  #v0 = 0;
  #v1 = 0;
  #v2 = 0;
  #t0 = 0;
  #t1 = 0;
  #t2 = 0;

  constructor(window: number) {
    this.#window = window;
  }

  get value(): number {
    return this.#v0;
  }

  add(value: number, at: number): void {
    if (value >= this.#v0 || at - this.#t2 > this.#window) {
      this.#v0 = this.#v1 = this.#v2 = value;
      this.#t0 = this.#t1 = this.#t2 = at;
      return;
    }
    if (value >= this.#v1) {
      this.#v1 = this.#v2 = value;
      this.#t1 = this.#t2 = at;
    } else if (value >= this.#v2) {
      this.#v2 = value;
      this.#t2 = at;
    }
    this.#age(value, at);
  }

  /** @kernel lib/win_minmax.c minmax_subwin_update() */
  #age(value: number, at: number): void {
    const age = at - this.#t0;
    if (age > this.#window) {
      this.#shift(value, at);
      if (at - this.#t0 > this.#window) this.#shift(value, at);
    } else if (this.#t1 === this.#t0 && age > this.#window / 4) {
      this.#v1 = this.#v2 = value;
      this.#t1 = this.#t2 = at;
    } else if (this.#t2 === this.#t1 && age > this.#window / 2) {
      this.#v2 = value;
      this.#t2 = at;
    }
  }

  #shift(value: number, at: number): void {
    this.#v0 = this.#v1;
    this.#t0 = this.#t1;
    this.#v1 = this.#v2;
    this.#t1 = this.#t2;
    this.#v2 = value;
    this.#t2 = at;
  }
}
