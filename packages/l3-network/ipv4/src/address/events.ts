import { arpSendGratuitous } from '@stack/neigh';
import {
  IFF_LOOPBACK,
  NETDEV_CHANGE,
  NETDEV_CHANGEMTU,
  NETDEV_DOWN,
  NETDEV_REGISTER,
  NETDEV_UNREGISTER,
  NETDEV_UP,
  type NetDevice,
} from '@stack/netdev';
import { IPV4_MIN_MTU } from '../constants.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { fibAddIfaddr } from '../route/from-addresses.ts';
import { addAddress, inetdevDestroy, inetdevInit } from './addresses.ts';
import { inDevGet } from './in-device.ts';

/** Something happened to a device: addresses and routes follow. @kernel net/ipv4/devinet.c inetdev_event() */
export function inetdevEvent(net: NetnsIpv4, event: number, dev: NetDevice): void {
  switch (event) {
    case NETDEV_REGISTER:
      if (dev.mtu >= IPV4_MIN_MTU) inetdevInit(dev);
      return;
    case NETDEV_UP:
      return up(net, dev);
    case NETDEV_DOWN:
      return net.fib.syncDownDev(dev, false);
    case NETDEV_CHANGE:
      return net.fib.syncCarrier(dev);
    case NETDEV_CHANGEMTU:
      if (dev.mtu < IPV4_MIN_MTU) inetdevDestroy(net, dev);
      else inetdevInit(dev);
      return net.fib.flushCache();
    case NETDEV_UNREGISTER:
      return inetdevDestroy(net, dev);
    default:
  }
}

/** The loopback device has its address by nature. */
function up(net: NetnsIpv4, dev: NetDevice): void {
  if (dev.mtu < IPV4_MIN_MTU) return;
  const { addresses } = inetdevInit(dev);
  if ((dev.flags & IFF_LOOPBACK) !== 0 && addresses.length === 0) addAddress(net, dev, '127.0.0.1/8');
  for (const ifa of inDevGet(dev)!.addresses) {
    fibAddIfaddr(net, ifa);
    if (net.sysctl.arpNotify) arpSendGratuitous(dev, ifa.address);
  }
}
