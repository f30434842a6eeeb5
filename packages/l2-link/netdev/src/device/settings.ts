import { EADDRNOTAVAIL, EINVAL, ENODEV, EOPNOTSUPP } from '@stack/plugin';
import { IFF_PROMISC } from '../constants.ts';
import { isValidEtherAddr } from './ethernet-address.ts';
import type { NetDevice } from './net-device.ts';
import { callNetdeviceNotifiers, NETDEV_CHANGEADDR, NETDEV_CHANGEMTU } from './notifiers.ts';

/** Bytes of the largest packet above the link layer. 0 or a negative errno. @kernel net/core/dev.c dev_set_mtu() */
export function devChangeMtu(dev: NetDevice, mtu: number): number {
  if (mtu === dev.mtu) return 0;
  if (mtu < dev.minMtu || mtu > dev.maxMtu) return -EINVAL;
  if (!dev.present) return -ENODEV;
  const error = dev.ops.changeMtu?.(dev, mtu) ?? 0;
  if (error < 0) return error;
  dev.mtu = mtu;
  callNetdeviceNotifiers(NETDEV_CHANGEMTU, dev);
  return 0;
}

/** A new address of the link layer. 0 or a negative errno. @kernel net/core/dev.c dev_set_mac_address() */
export function devSetMacAddress(dev: NetDevice, address: Uint8Array): number {
  if (dev.ops.setMacAddress === undefined) return -EOPNOTSUPP;
  if (!isValidEtherAddr(address)) return -EADDRNOTAVAIL;
  if (!dev.present) return -ENODEV;
  const error = dev.ops.setMacAddress(dev, address);
  if (error < 0) return error;
  dev.devAddr.set(address);
  callNetdeviceNotifiers(NETDEV_CHANGEADDR, dev);
  return 0;
}

/** One (`by` is 1) more or (-1) less who wants to see all frames. @kernel net/core/dev.c dev_set_promiscuity() */
export function devSetPromiscuity(dev: NetDevice, by: number): void {
  dev.promiscuity += by;
  const flags = dev.promiscuity > 0 ? dev.flags | IFF_PROMISC : dev.flags & ~IFF_PROMISC;
  if (flags === dev.flags) return;
  dev.flags = flags;
  if (dev.isUp) dev.ops.setRxMode?.(dev);
}

/** Lets frames to a multicast address pass. @kernel net/core/dev_addr_lists.c dev_mc_add() */
export function devMcAdd(dev: NetDevice, address: Uint8Array): void {
  dev.multicast.add(hex(address));
  if (dev.isUp) dev.ops.setRxMode?.(dev);
}

/** @kernel net/core/dev_addr_lists.c dev_mc_del() */
export function devMcDel(dev: NetDevice, address: Uint8Array): void {
  if (dev.multicast.delete(hex(address)) && dev.isUp) dev.ops.setRxMode?.(dev);
}

function hex(address: Uint8Array): string {
  return Array.from(address, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
