import type { Task } from './clock.ts';

/** First in, first out, in a ring that grows by doubling and never shrinks: posting allocates nothing. */
export class TaskQueue {
  #ring: (Task | null)[] = new Array<Task | null>(256).fill(null);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(task: Task): void {
    if (this.#length === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#length) & (this.#ring.length - 1)] = task;
    this.#length++;
  }

  shift(): Task | null {
    if (this.#length === 0) return null;
    const task = this.#ring[this.#head];
    this.#ring[this.#head] = null;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#length--;
    return task;
  }

  #grow(): void {
    const old = this.#ring;
    const ring = new Array<Task | null>(old.length * 2).fill(null);
    for (let i = 0; i < this.#length; i++) ring[i] = old[(this.#head + i) & (old.length - 1)];
    this.#ring = ring;
    this.#head = 0;
  }
}
