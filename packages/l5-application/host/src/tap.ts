import { createTap, type TapOptions } from '@stack/tap';
import type { Device, DeviceSettings } from './device.ts';

/**
 * A device whose other end is an interface of the Linux kernel; needs Linux, root and a real clock.
 *
 * ```ts
 * devices: { eth0: tapDevice({ name: 'tap0', address: '10.9.0.2/24' }) }
 * ```
 */
export function tapDevice(options: TapOptions & DeviceSettings): Device {
  const { address, gateway, mtu, qdisc, ...tap } = options;
  return { plugIn: ({ name, services }) => createTap(services, tap, name), address, gateway, mtu, qdisc };
}
