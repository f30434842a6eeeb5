import { token, type Undo } from '@stack/plugin';
import type { PciDev } from './pci-dev.ts';

/** Matches any id. @kernel include/linux/mod_devicetable.h PCI_ANY_ID */
export const PCI_ANY_ID = -1;

/** What a driver can serve. @kernel include/linux/mod_devicetable.h struct pci_device_id */
export interface PciDeviceId {
  readonly vendor: number;
  readonly device: number;
  readonly subvendor?: number;
  readonly subdevice?: number;
  /** The driver's own, to tell its chips apart. */
  readonly driverData?: number;
}

/** What became of the bus: accesses still work, the device is cut off, or it is gone for good. */
export type ChannelState = 'normal' | 'frozen' | 'permanent-failure';
/** What a driver asks for when its device had an error. */
export type RecoveryResult = 'recovered' | 'need-reset' | 'disconnect';

/** @kernel include/linux/pci.h struct pci_error_handlers */
export interface PciErrorHandlers {
  errorDetected(pdev: PciDev, state: ChannelState): RecoveryResult;
  /** The slot was reset: bring the device back to where it can be started. */
  slotReset(pdev: PciDev): RecoveryResult;
  /** Traffic may flow again. */
  resume(pdev: PciDev): void;
}

/** All that return a number answer 0 or a negative errno. @kernel include/linux/pci.h struct pci_driver */
export interface PciDriver {
  readonly name: string;
  readonly idTable: readonly PciDeviceId[];
  probe(pdev: PciDev, id: PciDeviceId): number;
  remove(pdev: PciDev): void;
  shutdown?(pdev: PciDev): void;
  suspend?(pdev: PciDev): number;
  resume?(pdev: PciDev): number;
  readonly errHandler?: PciErrorHandlers;
}

/** The drivers of a host. */
export interface PciDrivers {
  /**
   * The driver is offered every device that it matches and that has none, now and later. The undo takes its devices
   * away again. The same name twice throws `ERR_STACK_PCI_DRIVER_TAKEN`.
   *
   * @kernel drivers/pci/pci-driver.c __pci_register_driver(), pci_register_driver()
   */
  register(driver: PciDriver): Undo;
}

export const PciDrivers = token<PciDrivers>('PciDrivers', 'add pciBus() to the host');

/** The first id of the driver that fits the device. @kernel drivers/pci/pci-driver.c pci_match_id() */
export function pciMatchId(driver: PciDriver, pdev: PciDev): PciDeviceId | null {
  const fits = (wanted: number | undefined, found: number): boolean =>
    wanted === undefined || wanted === PCI_ANY_ID || wanted === found;
  for (const id of driver.idTable) {
    if (!fits(id.vendor, pdev.vendor) || !fits(id.device, pdev.device)) continue;
    if (fits(id.subvendor, pdev.subsystemVendor) && fits(id.subdevice, pdev.subsystemDevice)) return id;
  }
  return null;
}
