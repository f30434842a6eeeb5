import {
  PCI_CAP_ID_PM,
  PCI_CAPABILITY_LIST,
  PCI_COMMAND,
  PCI_COMMAND_IO,
  PCI_COMMAND_MASTER,
  PCI_COMMAND_MEMORY,
  PCI_PM_CTRL,
  PCI_PM_CTRL_STATE_MASK,
  PCI_STATUS,
  PCI_STATUS_CAP_LIST,
} from './config-registers.ts';
import type { PciDev } from './pci-dev.ts';

/** Power states of a device that is plugged in. @kernel include/linux/pci.h PCI_D0 */
export const PCI_D0 = 0;
export const PCI_D3HOT = 3;

/** Bytes of configuration that are saved and restored. */
const SAVED = 64;

/** Wakes the device and lets its BARs answer. @kernel drivers/pci/pci.c pci_enable_device() */
export function pciEnableDevice(pdev: PciDev): void {
  pciSetPowerState(pdev, PCI_D0);
  command(pdev, PCI_COMMAND_IO | PCI_COMMAND_MEMORY, 0);
}

/** Stops DMA. @kernel drivers/pci/pci.c pci_disable_device() */
export function pciDisableDevice(pdev: PciDev): void {
  command(pdev, 0, PCI_COMMAND_MASTER);
}

/** Allows the device to use DMA. @kernel drivers/pci/pci.c pci_set_master() */
export function pciSetMaster(pdev: PciDev): void {
  command(pdev, PCI_COMMAND_MASTER, 0);
}

/** Where a capability begins in configuration space, 0 when the device lacks it. @kernel drivers/pci/pci.c pci_find_capability() */
export function pciFindCapability(pdev: PciDev, id: number): number {
  if ((pdev.readConfig(PCI_STATUS, 2) & PCI_STATUS_CAP_LIST) === 0) return 0;
  let at = pdev.readConfig(PCI_CAPABILITY_LIST, 1) & ~3;
  for (let left = 48; at !== 0 && left > 0; left--) {
    if (pdev.readConfig(at, 1) === id) return at;
    at = pdev.readConfig(at + 1, 1) & ~3;
  }
  return 0;
}

/** @kernel drivers/pci/pci.c pci_set_power_state() */
export function pciSetPowerState(pdev: PciDev, state: typeof PCI_D0 | typeof PCI_D3HOT): void {
  const pm = pciFindCapability(pdev, PCI_CAP_ID_PM);
  if (pm === 0) return;
  const control = pdev.readConfig(pm + PCI_PM_CTRL, 2);
  pdev.writeConfig(pm + PCI_PM_CTRL, 2, (control & ~PCI_PM_CTRL_STATE_MASK) | state);
}

/** Keeps the header: a device forgets it when it is reset. @kernel drivers/pci/pci.c pci_save_state() */
export function pciSaveState(pdev: PciDev): void {
  pdev.savedConfig = Uint8Array.from({ length: SAVED }, (_, at) => pdev.readConfig(at, 1));
}

/** @kernel drivers/pci/pci.c pci_restore_state() */
export function pciRestoreState(pdev: PciDev): void {
  pdev.savedConfig?.forEach((byte, at) => {
    if (at < PCI_STATUS || at >= PCI_STATUS + 2) pdev.writeConfig(at, 1, byte);
  });
}

function command(pdev: PciDev, set: number, clear: number): void {
  pdev.writeConfig(PCI_COMMAND, 2, (pdev.readConfig(PCI_COMMAND, 2) & ~clear) | set);
}
