import type { InterruptLine } from '@stack/softirq';
import {
  PCI_CLASS_PROG,
  PCI_DEVICE_ID,
  PCI_REVISION_ID,
  PCI_SUBSYSTEM_ID,
  PCI_SUBSYSTEM_VENDOR_ID,
  PCI_VENDOR_ID,
} from './config-registers.ts';
import type { DmaOps } from './dma.ts';
import type { PciDriver } from './driver.ts';
import type { AccessSize, PciFunction } from './function.ts';
import type { PciBus } from './bus.ts';

/** Where a BAR was put. */
export interface PciResource {
  readonly space: 'memory' | 'io';
  readonly start: number;
  readonly size: number;
}

/** A device on the bus, as drivers see it. @kernel include/linux/pci.h struct pci_dev */
export class PciDev {
  readonly bus: PciBus;
  /** 0 to 31. */
  readonly slot: number;
  readonly function: PciFunction;
  readonly vendor: number;
  readonly device: number;
  readonly subsystemVendor: number;
  readonly subsystemDevice: number;
  readonly classCode: number;
  readonly revision: number;
  /** By BAR number. @kernel include/linux/pci.h pci_resource_start() */
  readonly resources: readonly (PciResource | null)[];
  /** INTx; null when the device has no pin. */
  readonly irq: InterruptLine | null;
  readonly dma: DmaOps;
  /** The driver that serves it, and what that keeps. */
  driver: PciDriver | null = null;
  driverData: unknown = null;
  /** False once it was pulled out, or cut off by an error: reads give all ones, writes go nowhere. */
  present = true;
  /** @internal Lines of its messages, and its saved configuration. */
  vectors: InterruptLine[] = [];
  savedConfig: Uint8Array | null = null;

  constructor(
    bus: PciBus,
    slot: number,
    fn: PciFunction,
    resources: readonly (PciResource | null)[],
    irq: InterruptLine | null,
    dma: DmaOps,
  ) {
    this.bus = bus;
    this.slot = slot;
    this.function = fn;
    this.resources = resources;
    this.irq = irq;
    this.dma = dma;
    this.vendor = this.readConfig(PCI_VENDOR_ID, 2);
    this.device = this.readConfig(PCI_DEVICE_ID, 2);
    this.subsystemVendor = this.readConfig(PCI_SUBSYSTEM_VENDOR_ID, 2);
    this.subsystemDevice = this.readConfig(PCI_SUBSYSTEM_ID, 2);
    this.revision = this.readConfig(PCI_REVISION_ID, 1);
    this.classCode = this.readConfig(PCI_CLASS_PROG, 1) | (this.readConfig(PCI_CLASS_PROG + 1, 2) << 8);
  }

  /** As `lspci` writes it: `0000:00:03.0`. */
  get name(): string {
    return `0000:00:${this.slot.toString(16).padStart(2, '0')}.0`;
  }

  /** @kernel drivers/pci/access.c pci_read_config_byte(), pci_read_config_word(), pci_read_config_dword() */
  readConfig(offset: number, size: AccessSize): number {
    return this.present ? this.function.configRead(offset, size) : ALL_ONES[size];
  }

  /** @kernel drivers/pci/access.c pci_write_config_byte(), pci_write_config_word(), pci_write_config_dword() */
  writeConfig(offset: number, size: AccessSize, value: number): void {
    if (this.present) this.function.configWrite(offset, size, value);
  }
}

/** What a bus reads where nobody answers. */
export const ALL_ONES: Readonly<Record<AccessSize, number>> = { 1: 0xff, 2: 0xffff, 4: -1 };
