import type { ChannelState, RecoveryResult } from './driver.ts';
import type { PciDev } from './pci-dev.ts';

/**
 * The bus reported an error of a device: the driver is told, the slot is reset if it asks for that (or if the device
 * is frozen), and traffic resumes. Returns whether the device is in service again.
 *
 * @kernel drivers/pci/pcie/err.c pcie_do_recovery()
 */
export function pciDoRecovery(pdev: PciDev, state: ChannelState): boolean {
  const handlers = pdev.driver?.errHandler;
  if (handlers === undefined) return false;
  if (state !== 'normal') pdev.present = false;
  let result: RecoveryResult = handlers.errorDetected(pdev, state);
  if (state === 'permanent-failure' || result === 'disconnect') return false;
  if (state === 'frozen' || result === 'need-reset') {
    pdev.present = true;
    pdev.function.reset();
    result = handlers.slotReset(pdev);
  }
  if (result !== 'recovered') return false;
  handlers.resume(pdev);
  return true;
}
