import type { Qdisc, QdiscClass, QdiscClasses } from '@stack/netdev';
import { adopt, retire } from '../base/child.ts';
import { minorOf } from '../base/handle.ts';
import { noClass } from '../base/leaves.ts';

/** One class, 1:1, that has no discipline unless one is put there. @kernel net/sched/sch_netem.c netem_class_ops */
export class InnerClass implements QdiscClasses {
  inner: Qdisc | null = null;
  readonly #above: Qdisc;

  constructor(above: Qdisc) {
    this.#above = above;
  }

  get all(): QdiscClass[] {
    const { handle } = this.#above;
    return [{ classid: handle + 1, parent: handle, qdisc: this.inner, stats: this.inner ?? this.#above }];
  }

  find(classid: number): QdiscClass | null {
    return classid === this.#above.handle + 1 ? this.all[0] : null;
  }

  graft(classid: number, qdisc: Qdisc | null): void {
    if (minorOf(classid) !== 1) throw noClass(this.#above, classid);
    if (this.inner !== null) retire(this.inner);
    this.inner = qdisc === null ? null : adopt(this.#above, classid, qdisc);
  }

  qlenNotify(_classid: number): void {}
}
