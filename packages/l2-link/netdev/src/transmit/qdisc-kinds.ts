import { StackError, type Faults, type Part, type Undo } from '@stack/plugin';
import type { NetdevQueue } from '../device/netdev-queue.ts';
import { strictQdisc } from './qdisc-strict.ts';
import type { Qdisc, QdiscKind, QdiscKinds } from './qdisc.ts';

/** The kinds of queueing disciplines of one host. */
export class QdiscKindRegistry implements QdiscKinds {
  readonly #kinds = new Map<string, QdiscKind>();
  readonly #parts = new Map<string, Part>();
  readonly #faults: Faults;

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  /** @kernel net/sched/sch_api.c register_qdisc() */
  add(kind: QdiscKind): Undo {
    if (this.#kinds.has(kind.kind)) {
      throw new StackError(
        'ERR_STACK_QDISC_TAKEN',
        `the kind ${kind.kind} exists already`,
        'give yours another name, or leave one of the two plugins out',
      );
    }
    this.#kinds.set(kind.kind, kind);
    this.#parts.set(kind.kind, this.#faults.part(`qdisc ${kind.kind}`));
    return () => {
      if (this.#kinds.get(kind.kind) === kind) this.#kinds.delete(kind.kind);
    };
  }

  create(kind: string, queue: NetdevQueue, options: object = {}): Qdisc {
    const qdisc = this.get(kind).create(queue, options);
    if (this.#faults.strict) strictQdisc(qdisc, this.part(kind), this.#faults);
    return qdisc;
  }

  get(kind: string): QdiscKind {
    const found = this.#kinds.get(kind);
    if (found === undefined) {
      throw new StackError(
        'ERR_STACK_QDISC_UNKNOWN',
        `there is no qdisc ${kind} (there are ${this.names.join(', ')})`,
        'add the plugin that brings it, for example pfifoFast(), or all with qdiscs()',
      );
    }
    return found;
  }

  part(kind: string): Part {
    return this.#parts.get(kind) ?? this.#faults.part(`qdisc ${kind}`);
  }

  get names(): readonly string[] {
    return [...this.#kinds.keys()];
  }
}
