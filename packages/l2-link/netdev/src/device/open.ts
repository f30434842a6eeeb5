import { ENODEV } from '@stack/plugin';
import { IFF_UP } from '../constants.ts';
import { netifTxStopAllQueues } from '../transmit/queue-state.ts';
import { devActivate, devDeactivate } from './activate.ts';
import type { NetDevice } from './net-device.ts';
import { callNetdeviceNotifiers, NETDEV_DOWN, NETDEV_GOING_DOWN, NETDEV_UP } from './notifiers.ts';

/**
 * Brings a device up. Returns 0, or a negative errno and the device stays down.
 *
 * @kernel net/core/dev.c dev_open()
 */
export function devOpen(dev: NetDevice): number {
  if (dev.isUp) return 0;
  if (!dev.present) return -ENODEV;
  const error = dev.ops.open(dev);
  if (error < 0) return error;
  dev.flags |= IFF_UP;
  dev.ops.setRxMode?.(dev);
  devActivate(dev);
  callNetdeviceNotifiers(NETDEV_UP, dev);
  return 0;
}

/** Takes a device down; what waits in its queues is dropped. @kernel net/core/dev.c dev_close() */
export function devClose(dev: NetDevice): void {
  if (!dev.isUp) return;
  callNetdeviceNotifiers(NETDEV_GOING_DOWN, dev);
  devDeactivate(dev);
  dev.ops.stop(dev);
  netifTxStopAllQueues(dev);
  dev.watchdog!.cancel();
  dev.flags &= ~IFF_UP;
  callNetdeviceNotifiers(NETDEV_DOWN, dev);
}
