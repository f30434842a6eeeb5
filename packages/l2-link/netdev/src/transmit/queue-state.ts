import type { NetDevice } from '../device/net-device.ts';
import type { NetdevQueue } from '../device/netdev-queue.ts';
import { netdevWatchdogUp } from '../device/watchdog.ts';
import { __netifSchedule } from './schedule.ts';

/** The driver takes packets. @kernel include/linux/netdevice.h netif_tx_start_queue() */
export function netifTxStartQueue(queue: NetdevQueue): void {
  queue.stopped = false;
}

/** The ring is full: no more packets until {@link netifTxWakeQueue}. @kernel include/linux/netdevice.h netif_tx_stop_queue() */
export function netifTxStopQueue(queue: NetdevQueue): void {
  if (queue.stopped) return;
  queue.stopped = true;
  queue.transStart = queue.dev.core.clock.now();
  netdevWatchdogUp(queue.dev);
}

/** There is room again: what waits is sent, in NET_TX_SOFTIRQ. @kernel net/sched/sch_generic.c netif_tx_wake_queue() */
export function netifTxWakeQueue(queue: NetdevQueue): void {
  if (!queue.stopped) return;
  queue.stopped = false;
  if (queue.qdisc !== null) __netifSchedule(queue.qdisc);
}

/** For devices with one queue. @kernel include/linux/netdevice.h netif_start_queue() */
export function netifStartQueue(dev: NetDevice): void {
  netifTxStartQueue(dev.queues[0]);
}

/** @kernel include/linux/netdevice.h netif_stop_queue() */
export function netifStopQueue(dev: NetDevice): void {
  netifTxStopQueue(dev.queues[0]);
}

/** @kernel include/linux/netdevice.h netif_wake_queue() */
export function netifWakeQueue(dev: NetDevice): void {
  netifTxWakeQueue(dev.queues[0]);
}

/** @kernel include/linux/netdevice.h netif_queue_stopped() */
export function netifQueueStopped(dev: NetDevice): boolean {
  return dev.queues[0].stopped;
}

/** @kernel include/linux/netdevice.h netif_tx_start_all_queues() */
export function netifTxStartAllQueues(dev: NetDevice): void {
  for (const queue of dev.queues) netifTxStartQueue(queue);
}

/** @kernel include/linux/netdevice.h netif_tx_stop_all_queues() */
export function netifTxStopAllQueues(dev: NetDevice): void {
  for (const queue of dev.queues) netifTxStopQueue(queue);
}

/** @kernel include/linux/netdevice.h netif_tx_wake_all_queues() */
export function netifTxWakeAllQueues(dev: NetDevice): void {
  for (const queue of dev.queues) netifTxWakeQueue(queue);
}
