import { StackError } from '@stack/plugin';
import type { NetDevice, Qdisc, QdiscClass, QdiscClasses } from '@stack/netdev';
import { formatHandle, majorOf, parseHandle, type Handle } from '../base/handle.ts';
import { describeClass } from './describe.ts';
import { allQdiscs, qdiscOf } from './find.ts';

/** A class as one asks for it; further fields are options of the discipline's classes. */
export interface ClassSpec {
  classid: Handle;
  /** The class or the discipline above; the discipline unless given. */
  parent?: Handle;
  [option: string]: unknown;
}

/** The classes of a device's disciplines. @kernel net/sched/sch_api.c tc_ctl_tclass() */
export class TcClasses {
  readonly #dev: NetDevice;

  constructor(dev: NetDevice) {
    this.#dev = dev;
  }

  add(spec: ClassSpec): void {
    const { qdisc, classes, classid } = this.#of(spec.classid);
    if (classes.add === undefined) throw cannot(qdisc, 'be given classes', 'change its options');
    if (classes.find(classid) !== null) throw cannot(qdisc, `have two ${formatHandle(classid)}`, 'change the one');
    const parent = spec.parent === undefined ? qdisc.handle : parseHandle(spec.parent);
    if (majorOf(parent) !== qdisc.handle) throw cannot(qdisc, 'have classes below another', 'look at the parent');
    classes.add(classid, parent, optionsOf(spec));
  }

  /** New options while it runs. */
  change(spec: ClassSpec): void {
    const { qdisc, classes, classid } = this.#of(spec.classid);
    if (classes.change === undefined) throw cannot(qdisc, 'have its classes changed', 'change its own options');
    classes.change(classid, optionsOf(spec));
  }

  /** Adds it, or changes it when it exists. */
  replace(spec: ClassSpec): void {
    const { classes, classid } = this.#of(spec.classid);
    if (classes.find(classid) === null) this.add(spec);
    else this.change(spec);
  }

  /** What waits in it is dropped. */
  delete({ classid: handle }: { classid: Handle }): void {
    const { qdisc, classes, classid } = this.#of(handle);
    if (classes.delete === undefined) throw cannot(qdisc, 'lose classes', 'change its options');
    classes.delete(classid);
  }

  /** The class, or null. */
  find(handle: Handle): QdiscClass | null {
    const { classes, classid } = this.#of(handle);
    return classes.find(classid);
  }

  /** As `tc -s class show` prints them. */
  show(): string {
    const lines: string[] = [];
    for (const qdisc of allQdiscs(this.#dev)) {
      for (const cl of qdisc.classes?.all ?? []) lines.push(describeClass(qdisc, cl));
    }
    return lines.join('\n');
  }

  #of(handle: Handle): { qdisc: Qdisc; classes: QdiscClasses; classid: number } {
    const classid = parseHandle(handle);
    const qdisc = qdiscOf(this.#dev, classid);
    if (qdisc.classes === undefined) throw cannot(qdisc, 'have classes', 'take prio, drr or htb');
    return { qdisc, classes: qdisc.classes, classid };
  }
}

function optionsOf({ classid: _classid, parent: _parent, ...options }: ClassSpec): object {
  return options;
}

function cannot(qdisc: Qdisc, what: string, remedy: string): StackError {
  const problem = `${qdisc.kind} ${formatHandle(qdisc.handle)} cannot ${what}`;
  return new StackError('ERR_STACK_QDISC_CLASS', problem, remedy);
}
