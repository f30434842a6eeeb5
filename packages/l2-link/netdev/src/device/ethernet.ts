import { EADDRNOTAVAIL, EBUSY } from '@stack/plugin';
import { eth, type SkBuff } from '@stack/skb';
import { ARPHRD_ETHER, IFF_BROADCAST, IFF_LOOPBACK, IFF_MULTICAST } from '../constants.ts';
import { isValidEtherAddr } from './ethernet-address.ts';
import type { HeaderOps } from './header-ops.ts';
import { NetDevice, type NetDeviceOps } from './net-device.ts';

/**
 * Pushes an Ethernet header.
 *
 * @kernel net/ethernet/eth.c eth_header()
 */
function ethHeader(
  skb: SkBuff,
  dev: NetDevice,
  type: number,
  destination: Uint8Array | null,
  source: Uint8Array | null,
): number {
  skb.macHeader = skb.push(eth.LENGTH);
  eth.setType(skb, type);
  eth.setSource(skb, source ?? dev.devAddr);
  if (destination !== null) {
    eth.setDestination(skb, destination);
    return eth.LENGTH;
  }
  if ((dev.flags & IFF_LOOPBACK) === 0) return -eth.LENGTH;
  skb.arena.u8.fill(0, skb.macHeader, skb.macHeader + eth.ALEN);
  return eth.LENGTH;
}

export const ethHeaderOps: HeaderOps = { create: ethHeader, cacheable: true };

/**
 * An Ethernet device, not yet registered. `name` may be a pattern with one `%d`.
 *
 * @kernel net/ethernet/eth.c alloc_etherdev(), alloc_etherdev_mqs()
 */
export function allocEtherdev(name: string, ops: NetDeviceOps, txQueues = 1): NetDevice {
  const dev = new NetDevice(name, ops, txQueues);
  etherSetup(dev);
  return dev;
}

/** @kernel net/ethernet/eth.c ether_setup() */
export function etherSetup(dev: NetDevice): void {
  dev.type = ARPHRD_ETHER;
  dev.headerOps = ethHeaderOps;
  dev.hardHeaderLen = eth.LENGTH;
  dev.addrLen = eth.ALEN;
  dev.flags = IFF_BROADCAST | IFF_MULTICAST;
}

/** The usual `setMacAddress` of a driver. @kernel net/ethernet/eth.c eth_mac_addr() */
export function ethMacAddr(dev: NetDevice, address: Uint8Array): number {
  if (dev.isUp) return -EBUSY;
  if (!isValidEtherAddr(address)) return -EADDRNOTAVAIL;
  dev.devAddr.set(address);
  return 0;
}
