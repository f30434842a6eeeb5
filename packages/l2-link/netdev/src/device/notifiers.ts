import type { Undo } from '@stack/plugin';
import type { NetCore } from '../net-core.ts';
import type { NetDevice } from './net-device.ts';

/** What happened to a device. @kernel include/linux/netdevice.h enum netdev_cmd */
export const NETDEV_UP = 1;
export const NETDEV_DOWN = 2;
/** The carrier came or went. */
export const NETDEV_CHANGE = 4;
export const NETDEV_REGISTER = 5;
export const NETDEV_UNREGISTER = 6;
export const NETDEV_CHANGEMTU = 7;
export const NETDEV_CHANGEADDR = 8;
/** The device is still up. */
export const NETDEV_GOING_DOWN = 9;
export const NETDEV_FEAT_CHANGE = 11;

/** Is told of every event of every device. */
export type NetdeviceNotifier = (event: number, dev: NetDevice) => void;

/**
 * Adds a notifier. It is told at once of the devices that exist and are up, so that nobody comes too late.
 *
 * @kernel net/core/dev.c register_netdevice_notifier()
 */
export function registerNetdeviceNotifier(core: NetCore, notifier: NetdeviceNotifier): Undo {
  core.notifiers = [...core.notifiers, notifier];
  for (const dev of core.devices.values()) {
    notifier(NETDEV_REGISTER, dev);
    if (dev.isUp) notifier(NETDEV_UP, dev);
  }
  return () => {
    core.notifiers = core.notifiers.filter((other) => other !== notifier);
  };
}

/** @kernel net/core/dev.c call_netdevice_notifiers() */
export function callNetdeviceNotifiers(event: number, dev: NetDevice): void {
  for (const notifier of dev.core.notifiers) notifier(event, dev);
}
