import type { NetDevice } from '@stack/netdev';
import {
  pciDisableDevice,
  pciEnableDevice,
  pciRestoreState,
  pciSaveState,
  pciSetMaster,
  type PciDev,
  type PciErrorHandlers,
} from '@stack/pci';
import { e1000Priv } from './adapter.ts';
import { netifDeviceAttach, netifDeviceDetach } from './power.ts';
import { e1000Reset } from './setup/reset.ts';
import { e1000Down, e1000Up } from './setup/up-down.ts';

const deviceOf = (pdev: PciDev): NetDevice => pdev.driverData as NetDevice;

/** The bus had an error. @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_err_handler */
export const e1000ErrHandler: PciErrorHandlers = {
  /** Stops, without the device's help if it is cut off. @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_io_error_detected() */
  errorDetected(pdev, state) {
    const dev = deviceOf(pdev);
    const adapter = e1000Priv(dev);
    netifDeviceDetach(dev);
    if (state === 'permanent-failure') return 'disconnect';
    if (!adapter.down) e1000Down(adapter);
    pciDisableDevice(pdev);
    return 'need-reset';
  },

  /** @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_io_slot_reset() */
  slotReset(pdev) {
    pciRestoreState(pdev);
    pciSaveState(pdev);
    pciEnableDevice(pdev);
    pciSetMaster(pdev);
    return e1000Reset(e1000Priv(deviceOf(pdev))) ? 'recovered' : 'disconnect';
  },

  /** @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_io_resume() */
  resume(pdev) {
    const dev = deviceOf(pdev);
    if (dev.isUp) e1000Up(e1000Priv(dev));
    netifDeviceAttach(dev);
  },
};
