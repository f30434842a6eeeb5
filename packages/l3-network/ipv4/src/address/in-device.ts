import type { NetDevice } from '@stack/netdev';
import { maskOf } from './classify.ts';

/** An address on a device. @kernel include/linux/inetdevice.h struct in_ifaddr */
export class InIfaddr {
  readonly dev: NetDevice;
  /** int32. */
  readonly address: number;
  readonly prefixLength: number;
  readonly mask: number;
  /** 0 when the network has none. */
  readonly broadcast: number;
  /** RT_SCOPE_*. */
  readonly scope: number;
  /** Not the first one of its network on the device: it goes when the first one goes. */
  secondary = false;

  constructor(dev: NetDevice, address: number, prefixLength: number, broadcast: number, scope: number) {
    this.dev = dev;
    this.address = address;
    this.prefixLength = prefixLength;
    this.mask = maskOf(prefixLength);
    this.broadcast = broadcast;
    this.scope = scope;
  }

  /** Whether an address is in the network. @kernel include/linux/inetdevice.h inet_ifa_match() */
  covers(address: number): boolean {
    return ((address ^ this.address) & this.mask) === 0;
  }
}

/** IPv4's side of a device; in `dev.ipPtr`. @kernel include/linux/inetdevice.h struct in_device */
export class InDevice {
  readonly dev: NetDevice;
  /** Primary ones first. */
  readonly addresses: InIfaddr[] = [];
  /** Multicast groups, with how many want each. */
  readonly groups = new Map<number, number>();

  constructor(dev: NetDevice) {
    this.dev = dev;
  }
}

/** IPv4's side of the device, null when IPv4 does not use it. @kernel include/linux/inetdevice.h __in_dev_get_rcu() */
export function inDevGet(dev: NetDevice): InDevice | null {
  return dev.ipPtr as InDevice | null;
}
