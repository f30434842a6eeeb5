import { describe, expect, test } from 'vitest';
import {
  PCI_BASE_ADDRESS_0,
  PCI_CAP_ID_MSI,
  PCI_CAP_ID_MSIX,
  PCI_CAP_ID_PM,
  PCI_CAPABILITY_LIST,
  PCI_CLASS_PROG,
  PCI_COMMAND,
  PCI_INTERRUPT_LINE,
  PCI_STATUS,
  PCI_STATUS_REC_MASTER_ABORT,
  PCI_VENDOR_ID,
} from '@stack/pci';
import { DEVICE, SampleChip, VENDOR } from './sample-chip.ts';

describe('configuration space', () => {
  test('what is burnt in cannot be written', () => {
    const { config } = new SampleChip();
    config.write(PCI_VENDOR_ID, 4, 0);
    expect(config.read(PCI_VENDOR_ID, 4) >>> 0).toBe(((DEVICE << 16) | VENDOR) >>> 0);
    expect(config.read(PCI_CLASS_PROG, 1) | (config.read(PCI_CLASS_PROG + 1, 2) << 8)).toBe(0x020000);
  });

  test('a BAR answers the sizing protocol with its size and kind', () => {
    const { config } = new SampleChip();
    const size = (bar: number): number => {
      config.write(PCI_BASE_ADDRESS_0 + 4 * bar, 4, -1);
      return config.read(PCI_BASE_ADDRESS_0 + 4 * bar, 4) >>> 0;
    };
    expect(size(0)).toBe(0xffff_f000);
    expect(size(1)).toBe(0);
    expect(size(2)).toBe(0xffff_ffe1);
  });

  test('only command bits that exist stick', () => {
    const { config } = new SampleChip();
    config.write(PCI_COMMAND, 2, 0xffff);
    expect(config.command).toBe(0x0547);
  });

  test('error bits are cleared by writing ones', () => {
    const { config } = new SampleChip();
    config.set(PCI_STATUS, 2, PCI_STATUS_REC_MASTER_ABORT);
    config.write(PCI_STATUS, 2, 0);
    expect(config.read(PCI_STATUS, 2) & PCI_STATUS_REC_MASTER_ABORT).not.toBe(0);
    config.write(PCI_STATUS, 2, PCI_STATUS_REC_MASTER_ABORT);
    expect(config.read(PCI_STATUS, 2) & PCI_STATUS_REC_MASTER_ABORT).toBe(0);
  });

  test('bytes, words and double words see the same', () => {
    const { config } = new SampleChip();
    config.write(PCI_INTERRUPT_LINE, 1, 0x2a);
    expect(config.read(PCI_INTERRUPT_LINE, 1)).toBe(0x2a);
    expect(config.read(PCI_INTERRUPT_LINE, 2)).toBe(0x012a);
    expect(config.read(PCI_INTERRUPT_LINE, 4)).toBe(0x0000_012a);
  });

  test('the list of capabilities can be walked', () => {
    const { config } = new SampleChip();
    const ids: number[] = [];
    for (let at = config.read(PCI_CAPABILITY_LIST, 1); at !== 0; at = config.read(at + 1, 1))
      ids.push(config.read(at, 1));
    expect(ids).toEqual([PCI_CAP_ID_PM, PCI_CAP_ID_MSI, PCI_CAP_ID_MSIX]);
  });
});
