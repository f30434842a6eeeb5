import { devActivate, TCQ_F_MQROOT, TCQ_F_ONETXQUEUE, type NetdevQueue, type Qdisc } from '@stack/netdev';
import type { NetDevice } from '@stack/netdev';

/**
 * Puts a discipline before a queue of the device; the one that was there ends, with what it holds.
 *
 * @kernel net/sched/sch_generic.c dev_graft_qdisc()
 */
export function attachToQueue(queue: NetdevQueue, qdisc: Qdisc): void {
  const old = queue.qdiscSleeping;
  queue.qdisc = null;
  if (old !== null) {
    old.deactivated = true;
    old.purgeRequeued();
    old.reset();
    old.destroy?.();
  }
  qdisc.flags |= TCQ_F_ONETXQUEUE;
  queue.qdiscSleeping = qdisc;
  if (queue.dev.isUp) devActivate(queue.dev);
}

/** The discipline at the root; null before the device was up for the first time. */
export function rootOf(dev: NetDevice): Qdisc | null {
  const first = dev.queues[0].qdiscSleeping;
  const above = first?.parentQdisc ?? null;
  return above !== null && (above.flags & TCQ_F_MQROOT) !== 0 ? above : first;
}
