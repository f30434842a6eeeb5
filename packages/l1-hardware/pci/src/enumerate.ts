import { StackError } from '@stack/plugin';
import {
  PCI_BASE_ADDRESS_0,
  PCI_BASE_ADDRESS_SPACE_IO,
  PCI_COMMAND,
  PCI_COMMAND_IO,
  PCI_COMMAND_MEMORY,
} from './config-registers.ts';
import type { PciFunction } from './function.ts';
import type { PciResource } from './pci-dev.ts';

const MEMORY_WINDOW = { start: 0xe000_0000, end: 0xfec0_0000 };
const IO_WINDOW = { start: 0xc000, end: 0x1_0000 };

/** Addresses for BARs, from two windows. Those of devices that were pulled out are used again. */
export class ResourceWindows {
  readonly #taken = new Set<PciResource>();

  /** Sizes each BAR of the device by writing ones, and gives it an address. @kernel drivers/pci/probe.c pci_read_bases() */
  assign(fn: PciFunction): (PciResource | null)[] {
    const decode = PCI_COMMAND_IO | PCI_COMMAND_MEMORY;
    fn.configWrite(PCI_COMMAND, 2, fn.configRead(PCI_COMMAND, 2) & ~decode);
    return [0, 1, 2, 3, 4, 5].map((bar) => this.#assignBar(fn, PCI_BASE_ADDRESS_0 + 4 * bar));
  }

  free(resources: readonly (PciResource | null)[]): void {
    for (const resource of resources) if (resource !== null) this.#taken.delete(resource);
  }

  #assignBar(fn: PciFunction, at: number): PciResource | null {
    const before = fn.configRead(at, 4);
    fn.configWrite(at, 4, -1);
    const answer = fn.configRead(at, 4);
    if (answer === 0) return null;
    const space = (before & PCI_BASE_ADDRESS_SPACE_IO) === 0 ? 'memory' : 'io';
    const mask = answer & (space === 'io' ? ~0x3 : ~0xf);
    const resource = this.#place(space, mask & -mask);
    fn.configWrite(at, 4, resource.start);
    return resource;
  }

  #place(space: 'memory' | 'io', size: number): PciResource {
    const { start, end } = space === 'io' ? IO_WINDOW : MEMORY_WINDOW;
    const others = [...this.#taken].filter((other) => other.space === space);
    for (let at = start; at + size <= end; at += size) {
      if (others.some((other) => at < other.start + other.size && other.start < at + size)) continue;
      const resource = { space, start: at, size } as const;
      this.#taken.add(resource);
      return resource;
    }
    throw new StackError('ERR_STACK_PCI_FULL', `no ${size} bytes of ${space} space are left`, 'plug in fewer devices');
  }
}
