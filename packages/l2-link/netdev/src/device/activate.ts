import { TCQ_F_ONETXQUEUE, type Qdisc } from '../transmit/qdisc.ts';
import { NOQUEUE } from '../transmit/noqueue.ts';
import type { NetdevQueue } from './netdev-queue.ts';
import type { NetDevice } from './net-device.ts';

/**
 * Puts the queues' disciplines into use, as soon as there is a carrier.
 *
 * @kernel net/sched/sch_generic.c dev_activate()
 */
export function devActivate(dev: NetDevice): void {
  for (const queue of dev.queues) {
    if (queue.qdiscSleeping === null) attachOneDefaultQdisc(queue);
    if (!dev.carrier) continue;
    queue.qdiscSleeping!.deactivated = false;
    queue.qdisc = queue.qdiscSleeping;
  }
}

/**
 * The host's default; none for a device that has no queue, or when nobody brought the default.
 *
 * @kernel net/sched/sch_generic.c attach_one_default_qdisc()
 */
function attachOneDefaultQdisc(queue: NetdevQueue): void {
  const { core, txQueueLen } = queue.dev;
  const { defaultQdisc } = core.sysctl;
  const queues = txQueueLen > 0 && core.qdiscKinds.names.includes(defaultQdisc);
  queue.qdiscSleeping = qdiscCreate(queue, queues ? defaultQdisc : NOQUEUE, {});
}

/** Takes the disciplines out of use; what they hold is dropped. @kernel net/sched/sch_generic.c dev_deactivate() */
export function devDeactivate(dev: NetDevice): void {
  for (const queue of dev.queues) {
    queue.qdisc = null;
    if (queue.qdiscSleeping !== null) qdiscReset(queue.qdiscSleeping);
  }
}

/**
 * Gives each queue of a device a new discipline, as `tc qdisc replace dev ... root` does. What waits in the old ones
 * is dropped. Throws a StackError for a kind that does not exist or options that make no sense; then nothing changed.
 *
 * @kernel net/sched/sch_api.c tc_modify_qdisc()
 */
export function replaceQdisc(dev: NetDevice, kind: string, options: object = {}): void {
  const fresh = dev.queues.map((queue) => qdiscCreate(queue, kind, options));
  for (const queue of dev.queues) {
    queue.qdisc = null;
    qdiscDestroy(queue);
    queue.qdiscSleeping = fresh[queue.index];
  }
  if (dev.isUp) devActivate(dev);
}

/** A discipline failed: the default takes its place, or none if it was the default. What waits in it is dropped, if it still can. */
export function replaceFaultyQdisc(qdisc: Qdisc): void {
  const { queue } = qdisc;
  const { core } = queue.dev;
  if (queue.qdiscSleeping !== qdisc) return;
  const { defaultQdisc } = core.sysctl;
  const another = qdisc.kind !== defaultQdisc && core.qdiscKinds.names.includes(defaultQdisc);
  queue.qdiscSleeping = qdiscCreate(queue, another ? defaultQdisc : NOQUEUE, {});
  if (queue.qdisc === qdisc) queue.qdisc = queue.qdiscSleeping;
  try {
    qdiscReset(qdisc);
    qdisc.destroy?.();
  } catch (error) {
    core.faults.report(core.qdiscKinds.part(qdisc.kind), error);
  }
}

/** Frees the disciplines of a device that is down. @kernel net/sched/sch_generic.c dev_shutdown() */
export function devShutdown(dev: NetDevice): void {
  for (const queue of dev.queues) qdiscDestroy(queue);
}

function qdiscCreate(queue: NetdevQueue, kind: string, options: object): Qdisc {
  const qdisc = queue.dev.core.qdiscKinds.create(kind, queue, options);
  qdisc.flags |= TCQ_F_ONETXQUEUE;
  return qdisc;
}

function qdiscDestroy(queue: NetdevQueue): void {
  const qdisc = queue.qdiscSleeping;
  if (qdisc === null) return;
  qdiscReset(qdisc);
  qdisc.destroy?.();
  queue.qdiscSleeping = null;
}

/** @kernel net/sched/sch_generic.c qdisc_reset() */
function qdiscReset(qdisc: Qdisc): void {
  qdisc.deactivated = true;
  qdisc.purgeRequeued();
  qdisc.reset();
}
