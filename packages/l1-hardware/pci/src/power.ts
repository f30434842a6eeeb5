import type { PciBus } from './bus.ts';

/**
 * The machine goes to sleep: drivers put their devices into D3hot. Returns 0, or the errno of the driver that refused;
 * those asked before it are woken again.
 *
 * @kernel drivers/pci/pci-driver.c pci_pm_suspend()
 */
export function pciSuspend(bus: PciBus): number {
  const asleep = [];
  for (const pdev of bus.devices) {
    const error = pdev.driver?.suspend?.(pdev) ?? 0;
    if (error !== 0) {
      for (const other of asleep) other.driver?.resume?.(other);
      return error;
    }
    asleep.push(pdev);
  }
  return 0;
}

/** Returns 0, or the errno of the last driver that failed. @kernel drivers/pci/pci-driver.c pci_pm_resume() */
export function pciResume(bus: PciBus): number {
  let result = 0;
  for (const pdev of bus.devices) result = pdev.driver?.resume?.(pdev) || result;
  return result;
}
