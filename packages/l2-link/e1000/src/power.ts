import { netifStopQueue, netifWakeQueue, type NetDevice } from '@stack/netdev';
import {
  PCI_D3HOT,
  pciDisableDevice,
  pciEnableDevice,
  pciRestoreState,
  pciSaveState,
  pciSetPowerState,
  type PciDev,
} from '@stack/pci';
import { EIO } from '@stack/plugin';
import { e1000Priv } from './adapter.ts';
import { e1000PowerDownPhy, e1000PowerUpPhy } from './hw/phy.ts';
import { e1000FreeIrq, e1000RequestIrq } from './interrupt.ts';
import { e1000Reset } from './setup/reset.ts';
import { e1000Down, e1000Up } from './setup/up-down.ts';

const deviceOf = (pdev: PciDev): NetDevice => pdev.driverData as NetDevice;

/** Nothing may be sent or configured until {@link netifDeviceAttach}. @kernel net/core/dev.c netif_device_detach() */
export function netifDeviceDetach(dev: NetDevice): void {
  dev.present = false;
  if (dev.isUp) netifStopQueue(dev);
}

/** @kernel net/core/dev.c netif_device_attach() */
export function netifDeviceAttach(dev: NetDevice): void {
  dev.present = true;
  if (dev.isUp) netifWakeQueue(dev);
}

/** The machine is switched off. @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_shutdown() */
export function e1000Shutdown(pdev: PciDev): void {
  e1000Suspend(pdev);
}

/**
 * The machine goes to sleep. The link partner sees the link go.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_suspend()
 */
export function e1000Suspend(pdev: PciDev): number {
  const dev = deviceOf(pdev);
  const adapter = e1000Priv(dev);
  netifDeviceDetach(dev);
  if (!adapter.down) e1000Down(adapter);
  e1000PowerDownPhy(adapter.hw);
  e1000FreeIrq(adapter);
  pciSaveState(pdev);
  pciDisableDevice(pdev);
  pciSetPowerState(pdev, PCI_D3HOT);
  return 0;
}

/** 0 or a negative errno. @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_resume() */
export function e1000Resume(pdev: PciDev): number {
  const dev = deviceOf(pdev);
  const adapter = e1000Priv(dev);
  pciEnableDevice(pdev);
  pciRestoreState(pdev);
  if (!e1000Reset(adapter)) return -EIO;
  if (dev.isUp) {
    const error = e1000RequestIrq(adapter);
    if (error < 0) return error;
    e1000PowerUpPhy(adapter.hw);
    e1000Up(adapter);
  }
  netifDeviceAttach(dev);
  return 0;
}
