import { devActivate, devDeactivate } from './activate.ts';
import type { NetDevice } from './net-device.ts';
import { callNetdeviceNotifiers, NETDEV_CHANGE } from './notifiers.ts';

/** The cable is in. @kernel net/sched/sch_generic.c netif_carrier_on() */
export function netifCarrierOn(dev: NetDevice): void {
  if (dev.carrier) return;
  dev.carrier = true;
  if (!dev.isUp) return;
  devActivate(dev);
  callNetdeviceNotifiers(NETDEV_CHANGE, dev);
}

/** The cable is out: packets are refused until it is back. @kernel net/sched/sch_generic.c netif_carrier_off() */
export function netifCarrierOff(dev: NetDevice): void {
  if (!dev.carrier) return;
  dev.carrier = false;
  if (!dev.isUp) return;
  devDeactivate(dev);
  callNetdeviceNotifiers(NETDEV_CHANGE, dev);
}

/** @kernel include/linux/netdevice.h netif_carrier_ok() */
export function netifCarrierOk(dev: NetDevice): boolean {
  return dev.carrier;
}
