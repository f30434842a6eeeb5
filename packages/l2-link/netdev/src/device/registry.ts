import { StackError } from '@stack/plugin';
import { DropReason, type SkbQueue } from '@stack/skb';
import { WheelTimer } from '@stack/softirq';
import { NETIF_F_SOFT_FEATURES } from '../constants.ts';
import { netifNapiDel } from '../napi/napi.ts';
import type { NetCore } from '../net-core.ts';
import { devShutdown } from './activate.ts';
import { netdevFixFeatures } from './features.ts';
import type { NetDevice } from './net-device.ts';
import { callNetdeviceNotifiers, NETDEV_REGISTER, NETDEV_UNREGISTER } from './notifiers.ts';
import { devClose } from './open.ts';
import { devWatchdog } from './watchdog.ts';

/**
 * Makes a device known to its host: from here on it can be opened. Throws `ERR_STACK_DEVICE_TAKEN` when the name
 * exists.
 *
 * @kernel net/core/dev.c register_netdevice()
 */
export function registerNetdevice(core: NetCore, dev: NetDevice): void {
  dev.name = devAllocName(core, dev.name);
  dev.core = core;
  dev.ifindex = core.nextIfindex++;
  dev.hwFeatures |= NETIF_F_SOFT_FEATURES;
  dev.features = netdevFixFeatures(dev.features | NETIF_F_SOFT_FEATURES);
  dev.watchdog = new WheelTimer(core.timers.boot, () => devWatchdog(dev));
  core.devices.set(dev.name, dev);
  core.devicesByIndex.set(dev.ifindex, dev);
  callNetdeviceNotifiers(NETDEV_REGISTER, dev);
}

/** The name itself, or the first free one of a pattern. @kernel net/core/dev.c dev_alloc_name() */
function devAllocName(core: NetCore, name: string): string {
  if (name.includes('%d')) {
    let unit = 0;
    while (core.devices.has(name.replace('%d', `${unit}`))) unit++;
    return name.replace('%d', `${unit}`);
  }
  if (core.devices.has(name)) {
    throw new StackError(
      'ERR_STACK_DEVICE_TAKEN',
      `a device ${name} exists already`,
      'give it another name, or a pattern such as eth%d',
    );
  }
  return name;
}

/**
 * Closes the device and takes it off the host, with every packet that waits for it or from it.
 *
 * @kernel net/core/dev.c unregister_netdevice_many()
 */
export function unregisterNetdevice(dev: NetDevice): void {
  const { core } = dev;
  if (core.devicesByIndex.get(dev.ifindex) !== dev) return;
  devClose(dev);
  core.devices.delete(dev.name);
  core.devicesByIndex.delete(dev.ifindex);
  callNetdeviceNotifiers(NETDEV_UNREGISTER, dev);
  devShutdown(dev);
  for (const softnet of core.softnets) {
    flushBacklog(softnet.inputPktQueue, dev);
    flushBacklog(softnet.processQueue, dev);
  }
  for (const napi of [...dev.napis]) netifNapiDel(napi);
}

/** @kernel net/core/dev.c flush_backlog() */
function flushBacklog(queue: SkbQueue, dev: NetDevice): void {
  for (let skb = queue.first; skb !== null;) {
    const next = skb.next;
    if (skb.dev === dev) {
      queue.remove(skb);
      skb.drop(DropReason.DEV_UNREGISTERED);
    }
    skb = next;
  }
}

/** @kernel net/core/dev.c dev_get_by_name() */
export function devGetByName(core: NetCore, name: string): NetDevice | null {
  return core.devices.get(name) ?? null;
}

/** @kernel net/core/dev.c dev_get_by_index() */
export function devGetByIndex(core: NetCore, ifindex: number): NetDevice | null {
  return core.devicesByIndex.get(ifindex) ?? null;
}
