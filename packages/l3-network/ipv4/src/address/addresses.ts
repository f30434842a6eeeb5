import { arpSendGratuitous } from '@stack/neigh';
import { IFF_BROADCAST, IFF_LOOPBACK, type NetDevice } from '@stack/netdev';
import { StackError } from '@stack/plugin';
import { RT_SCOPE_HOST, RT_SCOPE_UNIVERSE } from '../constants.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { fibAddIfaddr, fibDelIfaddr } from '../route/from-addresses.ts';
import { isLimitedBroadcast, isLoopback, isMulticast, isZeronet, maskOf } from './classify.ts';
import { ipMcUp } from './groups.ts';
import { InDevice, inDevGet, InIfaddr } from './in-device.ts';
import { formatIpv4, parseCidr } from './text.ts';

/** Told when an address came or went. */
export type AddressListener = (ifa: InIfaddr, added: boolean) => void;

/** IPv4 begins to use a device. @kernel net/ipv4/devinet.c inetdev_init() */
export function inetdevInit(dev: NetDevice): InDevice {
  const known = inDevGet(dev);
  if (known !== null) return known;
  const inDev = new InDevice(dev);
  dev.ipPtr = inDev;
  ipMcUp(inDev);
  return inDev;
}

/**
 * Adds an address with the length of its network's prefix to a device. The first address of a network is primary.
 * Throws `ERR_STACK_ADDRESS` for what is no address of a host, `ERR_STACK_ADDRESS_TAKEN`.
 *
 * @kernel net/ipv4/devinet.c inet_insert_ifa()
 */
export function addAddress(net: NetnsIpv4, dev: NetDevice, cidr: string): InIfaddr {
  const { address, prefixLength } = parseCidr(cidr);
  if (isMulticast(address) || isLimitedBroadcast(address) || isZeronet(address)) {
    throw new StackError('ERR_STACK_ADDRESS', `${cidr} is not the address of a host`, 'give a unicast address');
  }
  const ifa = new InIfaddr(dev, address, prefixLength, broadcastOf(dev, address, prefixLength), scopeOf(dev, address));
  const { addresses } = inetdevInit(dev);
  for (const other of addresses) {
    if (other.mask !== ifa.mask || !other.covers(address)) continue;
    if (other.address === address) {
      throw new StackError('ERR_STACK_ADDRESS_TAKEN', `${dev.name} has the address ${cidr} already`, 'add it once');
    }
    ifa.secondary = true;
  }
  const firstSecondary = addresses.findIndex((other) => other.secondary);
  addresses.splice(ifa.secondary || firstSecondary < 0 ? addresses.length : firstSecondary, 0, ifa);
  net.ifaddrs.set(address, [...(net.ifaddrs.get(address) ?? []), ifa]);
  fibAddIfaddr(net, ifa);
  if (net.sysctl.arpNotify && dev.isUp) arpSendGratuitous(dev, address);
  net.notifyAddress(ifa, true);
  return ifa;
}

/**
 * Takes an address off a device; the secondary ones of its network go with a primary one. Throws
 * `ERR_STACK_ADDRESS_UNKNOWN`.
 *
 * @kernel net/ipv4/devinet.c inet_del_ifa()
 */
export function deleteAddress(net: NetnsIpv4, dev: NetDevice, cidr: string): void {
  const { address, prefixLength } = parseCidr(cidr);
  const ifa = inDevGet(dev)?.addresses.find(
    (other) => other.address === address && other.prefixLength === prefixLength,
  );
  if (ifa === undefined) {
    throw new StackError(
      'ERR_STACK_ADDRESS_UNKNOWN',
      `${dev.name} has no address ${formatIpv4(address)}/${prefixLength}`,
      'list the addresses',
    );
  }
  inetDelIfa(net, ifa);
}

function inetDelIfa(net: NetnsIpv4, ifa: InIfaddr): void {
  const { addresses } = inDevGet(ifa.dev)!;
  const followers = addresses.filter(
    (other) => other.secondary && other.mask === ifa.mask && other.covers(ifa.address),
  );
  if (!ifa.secondary) for (const follower of followers) remove(net, follower);
  remove(net, ifa);
}

function remove(net: NetnsIpv4, ifa: InIfaddr): void {
  const { addresses } = inDevGet(ifa.dev)!;
  addresses.splice(addresses.indexOf(ifa), 1);
  const rest = net.ifaddrs.get(ifa.address)!.filter((other) => other !== ifa);
  if (rest.length > 0) net.ifaddrs.set(ifa.address, rest);
  else net.ifaddrs.delete(ifa.address);
  fibDelIfaddr(net, ifa);
  net.notifyAddress(ifa, false);
}

/** The device goes for good. @kernel net/ipv4/devinet.c inetdev_destroy() */
export function inetdevDestroy(net: NetnsIpv4, dev: NetDevice): void {
  const inDev = inDevGet(dev);
  if (inDev === null) return;
  for (let [first] = inDev.addresses; first !== undefined; [first] = inDev.addresses) inetDelIfa(net, first);
  net.fib.syncDownDev(dev, true);
  dev.ipPtr = null;
}

/** All ones behind the prefix, where a network has room for it. */
function broadcastOf(dev: NetDevice, address: number, prefixLength: number): number {
  return prefixLength < 31 && (dev.flags & IFF_BROADCAST) !== 0 ? address | ~maskOf(prefixLength) : 0;
}

function scopeOf(dev: NetDevice, address: number): number {
  return isLoopback(address) || (dev.flags & IFF_LOOPBACK) !== 0 ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE;
}
