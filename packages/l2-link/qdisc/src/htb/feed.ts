import type { HtbClass } from './class.ts';

/** A class's membership in one {@link HtbFeed}: it has one for each priority. */
export class HtbNode {
  readonly cl: HtbClass;
  feed: HtbFeed | null = null;
  before: HtbNode | null = null;
  after: HtbNode | null = null;

  constructor(cl: HtbClass) {
    this.cl = cl;
  }
}

/** Classes of one priority that may send: those of one level, or those that borrow from one class. */
export class HtbFeed {
  first: HtbNode | null = null;
  last: HtbNode | null = null;
  /** Whose turn it is; null after the last. */
  turn: HtbNode | null = null;

  add(node: HtbNode): void {
    if (node.feed !== null) return;
    node.feed = this;
    node.before = this.last;
    node.after = null;
    if (this.last === null) this.first = node;
    else this.last.after = node;
    this.last = node;
  }

  remove(node: HtbNode): void {
    if (node.feed !== this) return;
    if (this.turn === node) this.turn = node.after;
    if (node.before === null) this.first = node.after;
    else node.before.after = node.after;
    if (node.after === null) this.last = node.before;
    else node.after.before = node.before;
    node.feed = null;
    node.before = null;
    node.after = null;
  }

  advance(): void {
    if (this.turn !== null) this.turn = this.turn.after;
  }
}

export const makeFeeds = (count: number): HtbFeed[] => Array.from({ length: count }, () => new HtbFeed());
