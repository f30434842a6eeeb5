import { StackError } from '@stack/plugin';
import { TC_H_INGRESS, type NetDevice, type Qdisc } from '@stack/netdev';
import { formatHandle, majorOf, minorOf, parseHandle, type Handle } from '../base/handle.ts';
import { attachToQueue, rootOf } from './attach.ts';
import { freeHandle, qdiscOf } from './find.ts';
import { checkNames } from './known.ts';

/** Where a discipline goes: at the root, before reception (kinds `ingress` and `clsact`), or into a class. */
export interface QdiscPlace {
  root?: boolean;
  parent?: Handle;
}

/** A discipline as one asks for it; further fields are options of its kind. */
export interface QdiscSpec extends QdiscPlace {
  kind: string;
  /** One that is free unless given. */
  handle?: Handle;
  [option: string]: unknown;
}

const INGRESS_HANDLE = 0xffff0000;

/** The disciplines of a device. @kernel net/sched/sch_api.c tc_modify_qdisc() */
export class TcQdiscs {
  readonly #dev: NetDevice;

  constructor(dev: NetDevice) {
    this.#dev = dev;
  }

  /** Throws `ERR_STACK_QDISC_TAKEN` where one is that somebody named. */
  add(spec: QdiscSpec): Qdisc {
    const there = this.#at(spec);
    if (there !== null && there.handle !== 0) throw taken(this.#dev, there);
    return this.#put(spec);
  }

  /** Puts a discipline in the place of another, whose packets are dropped; the same kind and handle are only changed. */
  replace(spec: QdiscSpec): Qdisc {
    const there = this.#at(spec);
    const same = there !== null && there.handle !== 0 && there.kind === spec.kind;
    if (same && (spec.handle === undefined || parseHandle(spec.handle) === there.handle)) return this.change(spec);
    return this.#put(spec);
  }

  /** New options while it runs. */
  change(spec: QdiscSpec): Qdisc {
    const there = this.#at(spec);
    if (there === null || there.kind !== spec.kind) throw nothing(this.#dev, `of the kind ${spec.kind} there`);
    const options = optionsOf(spec);
    if (Object.keys(options).length > 0) {
      if (there.change === undefined) throw nothing(this.#dev, `${there.kind} that can be changed`);
      there.change(options);
    }
    return there;
  }

  /** Takes it away: the default one comes into its place. */
  delete(place: QdiscPlace & { kind?: string }): void {
    const there = this.#at({ kind: '', ...place });
    if (there === null) throw nothing(this.#dev, 'there');
    const { handle, parent, parentQdisc } = there;
    if (handle === 0) throw nothing(this.#dev, 'there but the default');
    if (parent === TC_H_INGRESS) {
      this.#dev.ingress = null;
      this.#dev.egress = null;
      there.destroy?.();
    } else if (parentQdisc !== null) {
      parentQdisc.classes!.graft(parent, null);
    } else {
      const { qdiscKinds, sysctl } = this.#dev.core;
      for (const queue of this.#dev.queues) attachToQueue(queue, qdiscKinds.create(sysctl.defaultQdisc, queue));
    }
  }

  /** The discipline in a place. */
  #at(spec: QdiscSpec): Qdisc | null {
    if (atIngress(spec.kind)) return this.#dev.ingress?.qdisc ?? null;
    if (spec.root === true) return rootOf(this.#dev);
    if (spec.parent === undefined) {
      throw new StackError('ERR_STACK_QDISC_PLACE', `${spec.kind} has no place`, 'say root: true, or give a parent');
    }
    const parent = parseHandle(spec.parent);
    const cl = qdiscOf(this.#dev, parent).classes?.find(parent);
    if (cl === undefined || cl === null) throw nothing(this.#dev, `with a class ${formatHandle(parent)}`);
    return cl.qdisc;
  }

  /** @kernel net/sched/sch_api.c qdisc_create(), qdisc_graft() */
  #put(spec: QdiscSpec): Qdisc {
    const dev = this.#dev;
    const below = spec.parent !== undefined && spec.root !== true && !atIngress(spec.kind);
    const parent = below ? parseHandle(spec.parent!) : 0;
    const above = below ? qdiscOf(dev, parent) : null;
    const queue = above === null ? dev.queues[0] : above.kind === 'mq' ? dev.queues[minorOf(parent) - 1] : above.queue;
    const kind = dev.core.qdiscKinds.get(spec.kind);
    if (above === null && dev.queues.length > 1 && kind.attach === undefined) throw needsMq(dev, spec.kind);
    const handle = this.#handleFor(spec);
    const qdisc = dev.core.qdiscKinds.create(spec.kind, queue, optionsOf(spec));
    qdisc.handle = handle;
    for (const cl of qdisc.classes?.all ?? []) {
      if (cl.qdisc !== null && kind.attach === undefined) cl.qdisc.parent = cl.classid;
    }
    if (above !== null) above.classes!.graft(parent, qdisc);
    else if (kind.attach === undefined) attachToQueue(queue, qdisc);
    else kind.attach(qdisc, dev);
    if (atIngress(spec.kind)) qdisc.parent = TC_H_INGRESS;
    return qdisc;
  }

  #handleFor({ kind, handle }: QdiscSpec): number {
    if (atIngress(kind)) return INGRESS_HANDLE;
    if (handle === undefined) return freeHandle(this.#dev);
    const number = parseHandle(handle);
    if (number === 0 || number !== majorOf(number)) {
      throw new StackError('ERR_STACK_QDISC_HANDLE', `${handle} names no qdisc`, "leave the minor number out: '1:'");
    }
    return number;
  }
}

/** Kinds that stand beside the queues, of which a device has one. */
function atIngress(kind: string): boolean {
  return kind === 'ingress' || kind === 'clsact';
}

function optionsOf({ root: _root, parent: _parent, handle: _handle, kind, ...options }: QdiscSpec): object {
  checkNames(kind, options);
  return options;
}

function taken(dev: NetDevice, there: Qdisc): StackError {
  const what = `${there.kind} ${formatHandle(there.handle)}`;
  return new StackError('ERR_STACK_QDISC_TAKEN', `${dev.name} has ${what} there`, 'use replace(), or delete it first');
}

function nothing(dev: NetDevice, what: string): StackError {
  return new StackError('ERR_STACK_QDISC_PLACE', `${dev.name} has no qdisc ${what}`, 'see tc(dev).show()');
}

function needsMq(dev: NetDevice, kind: string): StackError {
  const problem = `${kind} cannot stand at the root of ${dev.name}, which has ${dev.queues.length} queues`;
  return new StackError('ERR_STACK_QDISC_PLACE', problem, "put mq there, and it into the classes of mq: '1:1' and on");
}
