import { NetCore } from '@stack/netdev';
import { PciDrivers } from '@stack/pci';
import type { Plugin } from '@stack/plugin';
import { e1000PciDriver, type E1000Choice } from './driver.ts';

/**
 * The driver of the 82540EM. Each chip on the host's bus becomes a network device, `eth0` and on unless the parameters
 * name it; the device is the `driverData` of the chip's `PciDev`.
 *
 * Parameters out of range throw `ERR_STACK_E1000_PARAMETER`.
 */
export function e1000Driver(parameters: E1000Choice = {}): Plugin {
  return {
    name: 'e1000',
    attach: (services) => services.get(PciDrivers).register(e1000PciDriver(services.get(NetCore), parameters)),
  };
}
