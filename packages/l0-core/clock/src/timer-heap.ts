import type { HeapTimer, Nanoseconds, TimerHeapLike } from './clock.ts';

/** A binary heap of timers, ordered by time and then by order of arming; removal from the middle costs log n. */
export class TimerHeap implements TimerHeapLike {
  #heap: HeapTimer[] = [];
  #order = 0;
  readonly #onEarlier: () => void;

  /** `onEarlier` is told when a timer becomes the first one. */
  constructor(onEarlier: () => void) {
    this.#onEarlier = onEarlier;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** When the first timer expires, or Infinity. */
  get next(): Nanoseconds {
    return this.#heap.length === 0 ? Infinity : this.#heap[0].at;
  }

  add(timer: HeapTimer): void {
    timer.order = this.#order++;
    timer.slot = this.#heap.length;
    this.#heap.push(timer);
    this.#up(timer.slot);
    if (timer.slot === 0) this.#onEarlier();
  }

  remove(timer: HeapTimer): void {
    const slot = timer.slot;
    const last = this.#heap.pop()!;
    timer.slot = -1;
    if (last === timer) return;
    this.#place(last, slot);
    this.#up(slot);
    this.#down(last.slot);
  }

  /** Takes the first timer out if it expires at `now` or before. */
  takeDue(now: Nanoseconds): HeapTimer | null {
    if (this.#heap.length === 0) return null;
    const first = this.#heap[0];
    if (first.at > now) return null;
    this.remove(first);
    return first;
  }

  #place(timer: HeapTimer, slot: number): void {
    this.#heap[slot] = timer;
    timer.slot = slot;
  }

  #up(from: number): void {
    const timer = this.#heap[from];
    let slot = from;
    while (slot > 0) {
      const parent = (slot - 1) >> 1;
      if (!before(timer, this.#heap[parent])) break;
      this.#place(this.#heap[parent], slot);
      slot = parent;
    }
    this.#place(timer, slot);
  }

  #down(from: number): void {
    const heap = this.#heap;
    const timer = heap[from];
    let slot = from;
    for (;;) {
      let child = 2 * slot + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child++;
      if (!before(heap[child], timer)) break;
      this.#place(heap[child], slot);
      slot = child;
    }
    this.#place(timer, slot);
  }
}

function before(a: HeapTimer, b: HeapTimer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
