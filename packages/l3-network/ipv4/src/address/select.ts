import type { NetDevice } from '@stack/netdev';
import type { NetnsIpv4 } from '../netns.ts';
import { inDevGet, type InIfaddr } from './in-device.ts';

/**
 * An address of ours to talk to `destination` (0: to anybody) from, preferably one of the device and on the
 * destination's network; not one that is valid on a smaller scope than `scope`. 0 when there is none.
 *
 * @kernel net/ipv4/devinet.c inet_select_addr()
 */
export function inetSelectAddr(net: NetnsIpv4, dev: NetDevice, destination: number, scope: number): number {
  const own = selectOn(dev, destination, scope);
  if (own !== 0) return own;
  for (const other of net.core.devices.values()) {
    const address = other === dev ? 0 : selectOn(other, 0, scope);
    if (address !== 0) return address;
  }
  return 0;
}

function selectOn(dev: NetDevice, destination: number, scope: number): number {
  const inDev = inDevGet(dev);
  if (inDev === null) return 0;
  let first = 0;
  for (const ifa of inDev.addresses) {
    if (ifa.secondary || ifa.scope > scope) continue;
    if (destination === 0 || ifa.covers(destination)) return ifa.address;
    if (first === 0) first = ifa.address;
  }
  return first;
}

/** The address, if it is one of the host's own. @kernel net/ipv4/devinet.c inet_lookup_ifaddr_rcu() */
export function inetLookupIfaddr(net: NetnsIpv4, address: number): InIfaddr | null {
  return net.ifaddrs.get(address)?.[0] ?? null;
}

/** The device that has the address; null when none has. @kernel net/ipv4/devinet.c __ip_dev_find() */
export function ipDevFind(net: NetnsIpv4, address: number): NetDevice | null {
  const ifa = inetLookupIfaddr(net, address);
  if (ifa !== null) return ifa.dev;
  return net.fib.localDevice(address);
}

/** Whether both addresses are on one network of the device. `other` may be 0. @kernel net/ipv4/devinet.c inet_addr_onlink() */
export function inetAddrOnlink(dev: NetDevice, address: number, other: number): boolean {
  const addresses = inDevGet(dev)?.addresses ?? [];
  return addresses.some((ifa) => ifa.covers(address) && (other === 0 || ifa.covers(other)));
}
