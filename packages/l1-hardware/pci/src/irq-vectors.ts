import { ENOSPC } from '@stack/plugin';
import type { InterruptLine } from '@stack/softirq';
import {
  PCI_CAP_ID_MSI,
  PCI_CAP_ID_MSIX,
  PCI_MSI_ADDRESS_HI,
  PCI_MSI_ADDRESS_LO,
  PCI_MSI_DATA_64,
  PCI_MSI_FLAGS,
  PCI_MSI_FLAGS_ENABLE,
  PCI_MSIX_ENTRY_DATA,
  PCI_MSIX_ENTRY_LOWER_ADDR,
  PCI_MSIX_ENTRY_SIZE,
  PCI_MSIX_ENTRY_UPPER_ADDR,
  PCI_MSIX_ENTRY_VECTOR_CTRL,
  PCI_MSIX_FLAGS,
  PCI_MSIX_FLAGS_ENABLE,
  PCI_MSIX_FLAGS_QSIZE,
  PCI_MSIX_TABLE,
} from './config-registers.ts';
import { pciFindCapability } from './device.ts';
import { MESSAGE_ADDRESS } from './interrupt-router.ts';
import { IoMemory } from './io-memory.ts';
import type { PciDev } from './pci-dev.ts';

export const PCI_IRQ_INTX = 1 << 0;
export const PCI_IRQ_MSI = 1 << 1;
export const PCI_IRQ_MSIX = 1 << 2;

/**
 * Between `least` and `most` interrupts for the device, of the best kind that `kinds` allows: MSI-X, MSI, the line.
 * Returns how many, or -ENOSPC. They are {@link pciIrqVector} 0 and on.
 *
 * @kernel drivers/pci/msi/api.c pci_alloc_irq_vectors()
 */
export function pciAllocIrqVectors(pdev: PciDev, least: number, most: number, kinds: number): number {
  if ((kinds & PCI_IRQ_MSIX) !== 0 && enableMsix(pdev, least, most)) return pdev.vectors.length;
  if (least > 1) return -ENOSPC;
  if ((kinds & PCI_IRQ_MSI) !== 0 && enableMsi(pdev)) return 1;
  if ((kinds & PCI_IRQ_INTX) === 0 || pdev.irq === null) return -ENOSPC;
  return 1;
}

/** The line to request for one of them. @kernel drivers/pci/msi/api.c pci_irq_vector() */
export function pciIrqVector(pdev: PciDev, index: number): InterruptLine {
  return pdev.vectors[index] ?? pdev.irq;
}

/** Back to the line. @kernel drivers/pci/msi/api.c pci_free_irq_vectors() */
export function pciFreeIrqVectors(pdev: PciDev): void {
  for (const [id, flags] of [
    [PCI_CAP_ID_MSI, PCI_MSI_FLAGS],
    [PCI_CAP_ID_MSIX, PCI_MSIX_FLAGS],
  ]) {
    const at = pciFindCapability(pdev, id);
    if (at !== 0) pdev.writeConfig(at + flags, 2, 0);
  }
  for (const line of pdev.vectors) pdev.bus.router.freeMessage(line);
  pdev.vectors = [];
}

function enableMsi(pdev: PciDev): boolean {
  const at = pciFindCapability(pdev, PCI_CAP_ID_MSI);
  if (at === 0) return false;
  const line = pdev.bus.router.allocateMessage(`${pdev.name} msi`);
  pdev.vectors = [line];
  pdev.writeConfig(at + PCI_MSI_ADDRESS_LO, 4, MESSAGE_ADDRESS);
  pdev.writeConfig(at + PCI_MSI_ADDRESS_HI, 4, 0);
  pdev.writeConfig(at + PCI_MSI_DATA_64, 2, line.irq);
  pdev.writeConfig(at + PCI_MSI_FLAGS, 2, PCI_MSI_FLAGS_ENABLE);
  return true;
}

function enableMsix(pdev: PciDev, least: number, most: number): boolean {
  const at = pciFindCapability(pdev, PCI_CAP_ID_MSIX);
  if (at === 0) return false;
  const available = (pdev.readConfig(at + PCI_MSIX_FLAGS, 2) & PCI_MSIX_FLAGS_QSIZE) + 1;
  if (available < least) return false;
  const where = pdev.readConfig(at + PCI_MSIX_TABLE, 4);
  const table = new IoMemory(pdev, where & 7);
  for (let i = 0; i < Math.min(available, most); i++) {
    const line = pdev.bus.router.allocateMessage(`${pdev.name} msi-x ${i}`);
    pdev.vectors.push(line);
    const entry = (where & ~7) + i * PCI_MSIX_ENTRY_SIZE;
    table.write32(entry + PCI_MSIX_ENTRY_LOWER_ADDR, MESSAGE_ADDRESS);
    table.write32(entry + PCI_MSIX_ENTRY_UPPER_ADDR, 0);
    table.write32(entry + PCI_MSIX_ENTRY_DATA, line.irq);
    table.write32(entry + PCI_MSIX_ENTRY_VECTOR_CTRL, 0);
  }
  pdev.writeConfig(at + PCI_MSIX_FLAGS, 2, PCI_MSIX_FLAGS_ENABLE);
  return true;
}
