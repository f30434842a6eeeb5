import { StackError } from '@stack/plugin';
import { NET_XMIT_DROP, Qdisc, TCQ_F_MQROOT, type NetDevice, type QdiscClass, type QdiscClasses } from '@stack/netdev';
import type { NetdevQueue, QdiscKind } from '@stack/netdev';
import { DropReason, type SkBuff } from '@stack/skb';
import { adopt } from './base/child.ts';
import { minorOf } from './base/handle.ts';
import { noClass } from './base/leaves.ts';
import { attachToQueue } from './tc/attach.ts';

/** One class for each queue. @kernel net/sched/sch_mq.c mq_class_ops */
class MqClasses implements QdiscClasses {
  readonly #mq: Qdisc;

  constructor(mq: Qdisc) {
    this.#mq = mq;
  }

  get all(): QdiscClass[] {
    const { handle, queue } = this.#mq;
    return queue.dev.queues.map(({ index, qdiscSleeping }) => ({
      classid: handle + index + 1,
      parent: handle,
      qdisc: qdiscSleeping,
      stats: qdiscSleeping!,
    }));
  }

  find(classid: number): QdiscClass | null {
    return this.all.find((cl) => cl.classid === classid) ?? null;
  }

  graft(classid: number, qdisc: Qdisc | null): void {
    if (this.find(classid) === null) throw noClass(this.#mq, classid);
    const queue = this.#mq.queue.dev.queues[minorOf(classid) - 1];
    attachToQueue(queue, adopt(this.#mq, classid, qdisc ?? makeDefault(queue)));
  }

  qlenNotify(_classid: number): void {}
}

/**
 * Stands at the root of a device with several queues. Each has a discipline of its own, as a class of this one; packets
 * go there directly.
 *
 * @kernel net/sched/sch_mq.c mq_qdisc_ops
 */
class Mq extends Qdisc {
  readonly kind = 'mq';
  override flags = TCQ_F_MQROOT;
  override readonly classes: QdiscClasses = new MqClasses(this);

  /** Packets never come here. */
  enqueue(skb: SkBuff): number {
    this.drop(skb, DropReason.QDISC_DROP);
    return NET_XMIT_DROP;
  }

  dequeue(): null {
    return null;
  }

  peek(): null {
    return null;
  }

  reset(): void {}
}

/** The host's default, or pfifo_fast. */
function makeDefault(queue: NetdevQueue): Qdisc {
  const { qdiscKinds, sysctl } = queue.dev.core;
  return qdiscKinds.create(sysctl.defaultQdisc, queue);
}

/** @kernel net/sched/sch_mq.c mq_attach() */
function attach(mq: Qdisc, dev: NetDevice): void {
  for (const queue of dev.queues) mq.classes!.graft(mq.handle + queue.index + 1, null);
}

export const mqKind: QdiscKind = {
  kind: 'mq',
  create(queue) {
    if (queue.index === 0) return new Mq(queue);
    const remedy = 'put it there with tc(dev).qdisc.replace({ root: true, kind: mq })';
    throw new StackError('ERR_STACK_QDISC_OPTION', 'mq stands at the root of a device, not in one queue', remedy);
  },
  attach,
};
