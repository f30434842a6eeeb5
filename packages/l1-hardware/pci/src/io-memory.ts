import { PCI_COMMAND, PCI_COMMAND_IO, PCI_COMMAND_MEMORY } from './config-registers.ts';
import type { AccessSize } from './function.ts';
import { ALL_ONES, type PciDev } from './pci-dev.ts';

/**
 * Registers of a device, through one of its BARs.
 *
 * @kernel include/asm-generic/io.h readl(), writel()
 */
export class IoMemory {
  readonly #pdev: PciDev;
  readonly #bar: number;

  constructor(pdev: PciDev, bar: number) {
    this.#pdev = pdev;
    this.#bar = bar;
  }

  /** 32 bits as a signed number; -1 when the device is gone. */
  read32(offset: number): number {
    const pdev = this.#pdev;
    return pdev.present ? pdev.function.barRead(this.#bar, offset, 4) : ALL_ONES[4];
  }

  write32(offset: number, value: number): void {
    const pdev = this.#pdev;
    if (pdev.present) pdev.function.barWrite(this.#bar, offset, 4, value);
  }
}

/** The registers behind a BAR; null when the device has no such BAR. @kernel drivers/pci/iomap.c pci_ioremap_bar() */
export function pciIoremapBar(pdev: PciDev, bar: number): IoMemory | null {
  return pdev.resources[bar] === null ? null : new IoMemory(pdev, bar);
}

/** Reads at an address of the bus, as a CPU that knows no drivers does; all ones where nobody answers. */
export function busRead(devices: readonly PciDev[], space: 'memory' | 'io', address: number, size: AccessSize): number {
  for (const pdev of devices) {
    const bar = decodes(pdev, space, address);
    if (bar >= 0) return pdev.function.barRead(bar, address - startOf(pdev, bar), size);
  }
  return ALL_ONES[size];
}

/** Writes at an address of the bus; where nobody answers, nothing happens. */
export function busWrite(
  devices: readonly PciDev[],
  space: 'memory' | 'io',
  address: number,
  size: AccessSize,
  value: number,
): void {
  for (const pdev of devices) {
    const bar = decodes(pdev, space, address);
    if (bar >= 0) return pdev.function.barWrite(bar, address - startOf(pdev, bar), size, value);
  }
}

/** The number of the BAR that answers for an address, -1 for none. BARs may have been moved by whoever runs the bus. */
function decodes(pdev: PciDev, space: 'memory' | 'io', address: number): number {
  const enabled = space === 'io' ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY;
  if ((pdev.readConfig(PCI_COMMAND, 2) & enabled) === 0) return -1;
  return pdev.resources.findIndex((resource, bar) => {
    if (resource?.space !== space) return false;
    const offset = address - startOf(pdev, bar);
    return offset >= 0 && offset < resource.size;
  });
}

function startOf(pdev: PciDev, bar: number): number {
  const value = pdev.readConfig(0x10 + 4 * bar, 4);
  return (value & (pdev.resources[bar]?.space === 'io' ? ~0x3 : ~0xf)) >>> 0;
}
