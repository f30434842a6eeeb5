import type { Qdisc } from '@stack/netdev';
import { TimeHeap } from '../base/time-heap.ts';
import { CAN_SEND, CANT_SEND, HTB_DEPTH, HTB_PRIORITIES, MAY_BORROW, type HtbClass } from './class.ts';
import { makeFeeds, type HtbFeed } from './feed.ts';

/**
 * Who may send: by level and priority the classes within their rate, below each of these the classes that borrow from
 * it; and by level those whose mode will change with time.
 */
export class HtbRows {
  readonly #rows: readonly (readonly HtbFeed[])[] = Array.from({ length: HTB_DEPTH }, () => makeFeeds(HTB_PRIORITIES));
  readonly #waiting: readonly TimeHeap<HtbClass>[] = Array.from({ length: HTB_DEPTH }, () => new TimeHeap<HtbClass>());
  /** Classes by their number. */
  readonly byIndex: (HtbClass | null)[] = [];
  /** The way down to a leaf, for {@link leaf}. */
  readonly #path: HtbFeed[] = new Array<HtbFeed>(HTB_DEPTH + 1);
  /** A bit for each priority of a level that has classes in its row. */
  readonly masks = new Int32Array(HTB_DEPTH);
  readonly #htb: Qdisc;

  constructor(htb: Qdisc) {
    this.#htb = htb;
  }

  row(level: number, prio: number): HtbFeed {
    return this.#rows[level][prio];
  }

  /** The class has packets. @kernel net/sched/sch_htb.c htb_activate() */
  activate(cl: HtbClass): void {
    if (cl.active !== 0) return;
    cl.active = 1 << cl.params.prio;
    this.#enter(cl);
  }

  /** @kernel net/sched/sch_htb.c htb_deactivate() */
  deactivate(cl: HtbClass): void {
    if (cl.active === 0) return;
    this.#leave(cl);
    cl.active = 0;
  }

  /** Enters it into its row, or makes those above lend to it. @kernel net/sched/sch_htb.c htb_activate_prios() */
  #enter(leaf: HtbClass): void {
    let cl = leaf;
    let mask = cl.active;
    while (cl.mode === MAY_BORROW && cl.above !== null && mask !== 0) {
      const { above } = cl;
      for (let left = mask; left !== 0; left &= left - 1) {
        const prio = 31 - Math.clz32(left & -left);
        const feed = above.feeds[prio];
        // Above knows of this priority already.
        if (feed.length > 0) mask &= ~(1 << prio);
        feed.add(cl.index);
      }
      above.active |= mask;
      cl = above;
    }
    if (cl.mode !== CAN_SEND) return;
    for (; mask !== 0; mask &= mask - 1) {
      const prio = 31 - Math.clz32(mask & -mask);
      this.#rows[cl.level][prio].add(cl.index);
      this.masks[cl.level] |= 1 << prio;
    }
  }

  /** @kernel net/sched/sch_htb.c htb_deactivate_prios() */
  #leave(leaf: HtbClass): void {
    let cl = leaf;
    let mask = cl.active;
    while (cl.mode === MAY_BORROW && cl.above !== null && mask !== 0) {
      const { above } = cl;
      let empty = 0;
      for (; mask !== 0; mask &= mask - 1) {
        const prio = 31 - Math.clz32(mask & -mask);
        above.feeds[prio].remove(cl.index);
        if (above.feeds[prio].length === 0) empty |= 1 << prio;
      }
      mask = empty;
      above.active &= ~mask;
      cl = above;
    }
    if (cl.mode !== CAN_SEND) return;
    for (; mask !== 0; mask &= mask - 1) {
      const prio = 31 - Math.clz32(mask & -mask);
      const row = this.#rows[cl.level][prio];
      row.remove(cl.index);
      if (row.length === 0) this.masks[cl.level] &= ~(1 << prio);
    }
  }

  /** @kernel net/sched/sch_htb.c htb_change_class_mode() */
  #changeMode(cl: HtbClass, elapsed: number): void {
    const mode = cl.modeAfter(elapsed);
    if (mode === cl.mode) return;
    if (mode === CANT_SEND) {
      cl.own.overlimits++;
      this.#htb.overlimits++;
    }
    if (cl.active !== 0 && cl.mode !== CANT_SEND) this.#leave(cl);
    cl.mode = mode;
    if (cl.active !== 0 && mode !== CANT_SEND) this.#enter(cl);
  }

  /**
   * A leaf sent a packet on the account of a class at `level`: it and those above pay.
   *
   * @kernel net/sched/sch_htb.c htb_charge_class()
   */
  charge(leaf: HtbClass, level: number, bytes: number, packets: number, now: number): void {
    for (let cl: HtbClass | null = leaf; cl !== null; cl = cl.above) {
      if (cl.level === level) cl.lends++;
      else if (cl.level < level) cl.borrows++;
      cl.pay(bytes, now, cl.level < level);
      const before = cl.mode;
      this.#changeMode(cl, 0);
      if (cl.mode !== before) {
        this.#waiting[cl.level].remove(cl);
        if (cl.mode !== CAN_SEND) this.#wait(cl, cl.waits(0), now);
      }
      if (cl.level > 0) {
        cl.own.bytes += bytes;
        cl.own.packets += packets;
      }
    }
  }

  #wait(cl: HtbClass, delay: number, now: number): void {
    cl.at = now + Math.max(delay, 1);
    this.#waiting[cl.level].push(cl);
  }

  /** Changes the modes whose time has come at a level. Returns when the next one's comes. @kernel net/sched/sch_htb.c htb_do_events() */
  advance(level: number, now: number): number {
    const waiting = this.#waiting[level];
    for (let cl = waiting.first; cl !== null; cl = waiting.first) {
      if (cl.at > now) return cl.at;
      waiting.remove(cl);
      const elapsed = cl.elapsed(now);
      this.#changeMode(cl, elapsed);
      if (cl.mode !== CAN_SEND) this.#wait(cl, cl.waits(elapsed), now);
    }
    return Infinity;
  }

  /** The leaf whose turn it is in a row; null when nobody may send. @kernel net/sched/sch_htb.c htb_lookup_leaf() */
  leaf(level: number, prio: number): HtbClass | null {
    const path = this.#path;
    let depth = 0;
    path[0] = this.#rows[level][prio];
    for (;;) {
      const feed = path[depth];
      if (feed.length === 0) return null;
      const index = feed.current();
      if (index < 0) {
        // All had their turn: from the beginning, and the next one above.
        feed.rewind();
        if (depth > 0) path[--depth].advance();
        continue;
      }
      const cl = this.byIndex[index]!;
      if (cl.level === 0) return cl;
      path[++depth] = cl.feeds[prio];
    }
  }

  /** Takes a class out of everything. */
  forget(cl: HtbClass): void {
    this.deactivate(cl);
    this.#waiting[cl.level].remove(cl);
  }

  /** All classes as new, without packets. */
  reset(classes: Iterable<HtbClass>): void {
    this.masks.fill(0);
    for (const level of this.#rows) for (const row of level) row.clear();
    for (const cl of classes) {
      for (const feed of cl.feeds) feed.clear();
      this.#waiting[cl.level].remove(cl);
      cl.active = 0;
      cl.mode = CAN_SEND;
    }
  }
}
