import { MSEC } from '@stack/clock';
import type { NetDevice } from './net-device.ts';

/** Looks after a queue that has just become full. @kernel net/sched/sch_generic.c netdev_watchdog_up() */
export function netdevWatchdogUp(dev: NetDevice): void {
  const { watchdog } = dev;
  if (dev.ops.txTimeout === undefined || watchdog === null || watchdog.pending) return;
  watchdog.mod(watchdog.wheel.jiffies + dev.watchdogTimeo / MSEC);
}

/**
 * Tells the driver of queues that have been full for too long, and looks again later if one is still full.
 *
 * @kernel net/sched/sch_generic.c dev_watchdog()
 */
export function devWatchdog(dev: NetDevice): void {
  if (!dev.present || !dev.running) return;
  const now = dev.core.clock.now();
  for (const queue of dev.queues) {
    if (!queue.stopped || now < queue.transStart + dev.watchdogTimeo) continue;
    queue.transTimeout++;
    dev.ops.txTimeout!(dev, queue.index);
  }
  if (dev.queues.some((queue) => queue.stopped)) netdevWatchdogUp(dev);
}
