/** A member of at most one {@link Ring} at a time. */
export interface RingNode<T extends RingNode<T>> {
  ring: Ring<T> | null;
  before: T | null;
  after: T | null;
}

/** Those who take turns, linked through themselves, so that joining and leaving allocates nothing. */
export class Ring<T extends RingNode<T>> {
  first: T | null = null;
  last: T | null = null;

  /** How many there are; counts them. */
  get length(): number {
    let count = 0;
    for (let node = this.first; node !== null; node = node.after) count++;
    return count;
  }

  push(node: T): void {
    node.ring = this;
    node.before = this.last;
    node.after = null;
    if (this.last === null) this.first = node;
    else this.last.after = node;
    this.last = node;
  }

  /** Nothing happens when the node is not in this ring. */
  remove(node: T): void {
    if (node.ring !== this) return;
    const { before, after } = node;
    if (before === null) this.first = after;
    else before.after = after;
    if (after === null) this.last = before;
    else after.before = before;
    node.ring = null;
    node.before = null;
    node.after = null;
  }

  /** The first becomes the last. */
  rotate(): void {
    const node = this.first;
    if (node === null || node === this.last) return;
    this.remove(node);
    this.push(node);
  }
}
