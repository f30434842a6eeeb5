import { StackError } from '@stack/plugin';
import type { Qdisc, QdiscClass, QdiscClasses } from '@stack/netdev';
import { adopt, retire } from '../base/child.ts';
import { formatHandle } from '../base/handle.ts';
import { defaultLeaf, noClass } from '../base/leaves.ts';
import { onlyNames, whole } from '../base/options.ts';
import { Ring, type RingNode } from '../base/ring.ts';
import { bytesOf, formatSize, type Size } from '../base/units.ts';

export interface DrrClassOptions {
  /** What the class may send in each round: its share among the others. A frame of the device unless given. */
  quantum?: Size;
}

/** @kernel net/sched/sch_drr.c struct drr_class */
export class DrrClass implements QdiscClass, RingNode<DrrClass> {
  readonly classid: number;
  readonly parent: number;
  qdisc: Qdisc;
  quantum: number;
  deficit = 0;
  ring: Ring<DrrClass> | null = null;
  before: DrrClass | null = null;
  after: DrrClass | null = null;

  constructor(classid: number, parent: number, qdisc: Qdisc, quantum: number) {
    this.classid = classid;
    this.parent = parent;
    this.qdisc = qdisc;
    this.quantum = quantum;
  }

  get stats(): Qdisc {
    return this.qdisc;
  }

  dump(): Record<string, unknown> {
    return { quantum: formatSize(this.quantum) };
  }

  /** What it may still send in this round, while packets wait. @kernel net/sched/sch_drr.c drr_dump_class_stats() */
  xstats(): Record<string, unknown> {
    return { deficit: formatSize(this.qdisc.qlen > 0 ? this.deficit : 0) };
  }
}

/** @kernel net/sched/sch_drr.c drr_class_ops */
export class DrrClasses implements QdiscClasses {
  readonly #drr: Qdisc;
  readonly #byId = new Map<number, DrrClass>();
  /** Those that have packets, in the order of their turns. */
  readonly active = new Ring<DrrClass>();

  constructor(drr: Qdisc) {
    this.#drr = drr;
  }

  get all(): Iterable<DrrClass> {
    return this.#byId.values();
  }

  find(classid: number): DrrClass | null {
    return this.#byId.get(classid) ?? null;
  }

  add(classid: number, parent: number, options: DrrClassOptions): void {
    const drr = this.#drr;
    if (parent !== drr.handle) {
      const problem = `drr ${formatHandle(drr.handle)} has no classes below ${formatHandle(parent)}`;
      throw new StackError('ERR_STACK_QDISC_CLASS', problem, `give the parent ${formatHandle(drr.handle)}`);
    }
    const { mtu, hardHeaderLen } = drr.queue.dev;
    const quantum = quantumOf(options, mtu + hardHeaderLen);
    this.#byId.set(classid, new DrrClass(classid, parent, adopt(drr, classid, defaultLeaf(drr)), quantum));
  }

  /** @kernel net/sched/sch_drr.c drr_change_class() */
  change(classid: number, options: DrrClassOptions): void {
    const cl = this.#get(classid);
    cl.quantum = quantumOf(options, cl.quantum);
  }

  delete(classid: number): void {
    const cl = this.#get(classid);
    retire(cl.qdisc);
    this.active.remove(cl);
    this.#byId.delete(classid);
  }

  graft(classid: number, qdisc: Qdisc | null): void {
    const cl = this.#get(classid);
    retire(cl.qdisc);
    this.active.remove(cl);
    cl.qdisc = adopt(this.#drr, classid, qdisc ?? defaultLeaf(this.#drr));
  }

  qlenNotify(classid: number): void {
    const cl = this.#byId.get(classid);
    if (cl !== undefined) this.active.remove(cl);
  }

  reset(): void {
    for (const cl of this.all) {
      this.active.remove(cl);
      cl.qdisc.reset();
    }
  }

  #get(classid: number): DrrClass {
    const cl = this.#byId.get(classid);
    if (cl === undefined) throw noClass(this.#drr, classid);
    return cl;
  }
}

function quantumOf(options: DrrClassOptions, otherwise: number): number {
  onlyNames('a drr class', { quantum: true }, options);
  return whole('drr', 'quantum', bytesOf(options.quantum ?? otherwise), 1);
}
