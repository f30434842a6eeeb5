import { StackError } from '@stack/plugin';
import type { Qdisc, QdiscClass, QdiscClasses } from '@stack/netdev';
import { adopt, retire } from './child.ts';
import { formatHandle, minorOf } from './handle.ts';
import { Fifo } from '../fifo.ts';

/** A discipline of one queue's length, which a class has until it gets another one. */
export function defaultLeaf(above: Qdisc): Qdisc {
  return new Fifo('pfifo', above.queue, {});
}

/** What to say of a class that does not exist. */
export function noClass(qdisc: Qdisc, classid: number): StackError {
  return new StackError(
    'ERR_STACK_QDISC_CLASS',
    `${qdisc.kind} ${formatHandle(qdisc.handle)} has no class ${formatHandle(classid)}`,
    'see which there are with tc(dev).class.show()',
  );
}

/**
 * The classes of a discipline that has a fixed number of them, with minor numbers from 1 on, each with one discipline.
 *
 * @kernel net/sched/sch_prio.c prio_class_ops
 */
export class LeafClasses implements QdiscClasses {
  /** The disciplines of the classes. */
  readonly leaves: Qdisc[] = [];
  readonly #above: Qdisc;
  readonly #makeLeaf: (above: Qdisc) => Qdisc;

  constructor(above: Qdisc, makeLeaf: (above: Qdisc) => Qdisc = defaultLeaf) {
    this.#above = above;
    this.#makeLeaf = makeLeaf;
  }

  get length(): number {
    return this.leaves.length;
  }

  get all(): QdiscClass[] {
    return this.leaves.map((qdisc, index) => {
      const { handle } = this.#above;
      return { classid: handle + index + 1, parent: handle, qdisc, stats: qdisc };
    });
  }

  /** That many classes; what waits in those that go is dropped. */
  resize(count: number): void {
    for (const leaf of this.leaves.splice(count)) retire(leaf);
    while (this.leaves.length < count) {
      this.leaves.push(adopt(this.#above, this.#above.handle + this.leaves.length + 1, this.#makeLeaf(this.#above)));
    }
  }

  find(classid: number): QdiscClass | null {
    const index = classid - this.#above.handle - 1;
    return index >= 0 && index < this.leaves.length ? this.all[index] : null;
  }

  graft(classid: number, qdisc: Qdisc | null): void {
    if (this.find(classid) === null) throw noClass(this.#above, classid);
    const index = minorOf(classid) - 1;
    retire(this.leaves[index]);
    this.leaves[index] = adopt(this.#above, classid, qdisc ?? this.#makeLeaf(this.#above));
  }

  qlenNotify(_classid: number): void {}

  reset(): void {
    for (const leaf of this.leaves) leaf.reset();
  }

  destroy(): void {
    for (const leaf of this.leaves) leaf.destroy?.();
  }
}
