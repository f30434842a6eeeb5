import { StackError, type Undo } from '@stack/plugin';
import type { NetdevQueue } from '../device/netdev-queue.ts';
import type { Qdisc, QdiscKind, QdiscKinds } from './qdisc.ts';

/** The kinds of queueing disciplines of one host. */
export class QdiscKindRegistry implements QdiscKinds {
  readonly #kinds = new Map<string, QdiscKind>();

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
    return () => {
      if (this.#kinds.get(kind.kind) === kind) this.#kinds.delete(kind.kind);
    };
  }

  create(kind: string, queue: NetdevQueue, options: object = {}): Qdisc {
    return this.get(kind).create(queue, options);
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

  get names(): readonly string[] {
    return [...this.#kinds.keys()];
  }
}
