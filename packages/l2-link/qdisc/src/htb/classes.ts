import { StackError } from '@stack/plugin';
import type { Qdisc, QdiscClasses } from '@stack/netdev';
import { adopt, retire } from '../base/child.ts';
import { formatHandle } from '../base/handle.ts';
import { defaultLeaf, noClass } from '../base/leaves.ts';
import { HTB_DEPTH, HTB_PRIORITIES, HtbClass } from './class.ts';
import { makeFeeds } from './feed.ts';
import { htbClassParams, type HtbClassOptions } from './params.ts';
import type { HtbRows } from './rows.ts';

/** The tree of classes. @kernel net/sched/sch_htb.c htb_class_ops */
export class HtbClasses implements QdiscClasses {
  readonly #htb: Qdisc;
  readonly #rows: HtbRows;
  readonly #byId = new Map<number, HtbClass>();
  readonly #options = new Map<number, HtbClassOptions>();
  r2q = 10;

  constructor(htb: Qdisc, rows: HtbRows) {
    this.#htb = htb;
    this.#rows = rows;
  }

  get all(): Iterable<HtbClass> {
    return this.#byId.values();
  }

  find(classid: number): HtbClass | null {
    return this.#byId.get(classid) ?? null;
  }

  /** @kernel net/sched/sch_htb.c htb_change_class() */
  add(classid: number, parent: number, options: HtbClassOptions): void {
    const above = parent === this.#htb.handle ? null : this.#get(parent);
    if (above !== null && levelBelow(above.above) < 1) {
      const problem = `the classes of htb lie ${HTB_DEPTH} deep at most`;
      throw new StackError('ERR_STACK_QDISC_CLASS', problem, 'give a parent further up');
    }
    const params = htbClassParams(options, this.r2q);
    const { byIndex } = this.#rows;
    const free = byIndex.indexOf(null);
    const index = free < 0 ? byIndex.length : free;
    const cl = new HtbClass({ classid, parent, index }, above, params, this.#now());
    byIndex[index] = cl;
    if (above !== null) this.#toInner(above);
    cl.qdisc = adopt(this.#htb, classid, defaultLeaf(this.#htb));
    this.#byId.set(classid, cl);
    this.#options.set(classid, options);
  }

  /** A class gets classes below: it has no packets of its own any more. */
  #toInner(cl: HtbClass): void {
    cl.children++;
    if (cl.level > 0) return;
    retire(cl.qdisc!);
    this.#rows.forget(cl);
    cl.qdisc = null;
    cl.feeds = makeFeeds(HTB_PRIORITIES);
    cl.level = levelBelow(cl.above);
    cl.refill(this.#now());
  }

  change(classid: number, options: HtbClassOptions): void {
    const cl = this.#get(classid);
    const all = { ...this.#options.get(classid), ...options };
    const params = htbClassParams(all, this.r2q);
    // Its priority may change, so it leaves its place and takes a new one.
    const wasActive = cl.level === 0 && cl.active !== 0;
    if (wasActive) this.#rows.deactivate(cl);
    cl.params = params;
    cl.tokens = params.buffer;
    cl.ctokens = params.cbuffer;
    if (wasActive) this.#rows.activate(cl);
    this.#options.set(classid, all);
  }

  /** @kernel net/sched/sch_htb.c htb_delete() */
  delete(classid: number): void {
    const cl = this.#get(classid);
    if (cl.children > 0) {
      const problem = `${formatHandle(classid)} has ${cl.children} classes below it`;
      throw new StackError('ERR_STACK_QDISC_CLASS', problem, 'delete these first');
    }
    retire(cl.qdisc!);
    this.#rows.forget(cl);
    this.#rows.byIndex[cl.index] = null;
    this.#byId.delete(classid);
    this.#options.delete(classid);
    if (cl.above !== null && --cl.above.children === 0) this.#toLeaf(cl.above);
  }

  /** The last class below is gone. @kernel net/sched/sch_htb.c htb_parent_to_leaf() */
  #toLeaf(cl: HtbClass): void {
    this.#rows.forget(cl);
    cl.level = 0;
    cl.qdisc = adopt(this.#htb, cl.classid, defaultLeaf(this.#htb));
    cl.refill(this.#now());
  }

  graft(classid: number, qdisc: Qdisc | null): void {
    const cl = this.#get(classid);
    if (cl.qdisc === null) {
      const problem = `${formatHandle(classid)} has classes below it and no packets of its own`;
      throw new StackError('ERR_STACK_QDISC_CLASS', problem, 'give the discipline to one of these');
    }
    retire(cl.qdisc);
    this.#rows.deactivate(cl);
    cl.qdisc = adopt(this.#htb, classid, qdisc ?? defaultLeaf(this.#htb));
  }

  /** @kernel net/sched/sch_htb.c htb_qlen_notify() */
  qlenNotify(classid: number): void {
    const cl = this.#byId.get(classid);
    if (cl !== undefined) this.#rows.deactivate(cl);
  }

  reset(): void {
    for (const cl of this.all) cl.qdisc?.reset();
    this.#rows.reset(this.all);
  }

  destroy(): void {
    for (const cl of this.all) cl.qdisc?.destroy?.();
  }

  #get(classid: number): HtbClass {
    const cl = this.#byId.get(classid);
    if (cl === undefined) throw noClass(this.#htb, classid);
    return cl;
  }

  #now(): number {
    return this.#htb.queue.dev.core.clock.now();
  }
}

/** The level of a class that has classes below, itself below `above`. */
function levelBelow(above: HtbClass | null): number {
  if (above === null) return HTB_DEPTH - 1;
  return above.level > 0 ? above.level - 1 : levelBelow(above.above) - 1;
}
