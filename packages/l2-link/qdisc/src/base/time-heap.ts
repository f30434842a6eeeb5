/** A member of at most one {@link TimeHeap} at a time. */
export interface TimedNode {
  /** When its turn comes, ns. Must not change while it is in a heap. */
  at: number;
  /** Place in the heap, -1 when in none. */
  slot: number;
}

/** Those who wait for a time, the earliest first: a binary heap whose members know their place. */
export class TimeHeap<T extends TimedNode> {
  readonly #nodes: T[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get first(): T | null {
    return this.#length === 0 ? null : this.#nodes[0];
  }

  push(node: T): void {
    this.#up(node, this.#length++);
  }

  /** Nothing happens when the node is in no heap. */
  remove(node: T): void {
    const { slot } = node;
    if (slot < 0) return;
    node.slot = -1;
    const last = this.#nodes[--this.#length];
    if (last === node) return;
    if (last.at < node.at) this.#up(last, slot);
    else this.#down(last, slot);
  }

  #up(node: T, from: number): void {
    const nodes = this.#nodes;
    let slot = from;
    while (slot > 0) {
      const parent = (slot - 1) >> 1;
      if (nodes[parent].at <= node.at) break;
      this.#place(nodes[parent], slot);
      slot = parent;
    }
    this.#place(node, slot);
  }

  #down(node: T, from: number): void {
    const nodes = this.#nodes;
    const length = this.#length;
    let slot = from;
    for (;;) {
      let child = 2 * slot + 1;
      if (child >= length) break;
      if (child + 1 < length && nodes[child + 1].at < nodes[child].at) child++;
      if (nodes[child].at >= node.at) break;
      this.#place(nodes[child], slot);
      slot = child;
    }
    this.#place(node, slot);
  }

  #place(node: T, slot: number): void {
    this.#nodes[slot] = node;
    node.slot = slot;
  }
}
