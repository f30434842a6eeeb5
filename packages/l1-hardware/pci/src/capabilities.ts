import {
  PCI_CAP_ID_MSI,
  PCI_CAP_ID_MSIX,
  PCI_CAP_ID_PM,
  PCI_MSI_FLAGS_64BIT,
  PCI_MSIX_FLAGS_ENABLE,
  PCI_MSIX_FLAGS_MASKALL,
  PCI_PM_CTRL_PME_ENABLE,
  PCI_PM_CTRL_PME_STATUS,
  PCI_PM_CTRL_STATE_MASK,
} from './config-registers.ts';

/** A structure in the list of capabilities. The arrays begin behind its id and next pointer. */
export interface Capability {
  readonly id: number;
  /** Offset in configuration space, a multiple of 4 from 0x40 on. */
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly writable: Uint8Array;
  readonly clearedByOne: Uint8Array;
}

/** Power management, version 2: D0 and D3hot, with PME# from both. */
export function pmCapability(at: number): Capability {
  const capability = empty(PCI_CAP_ID_PM, at, 6);
  put16(capability.bytes, 0, 0xc822); // PME# from D3cold, D3hot and D0; device-specific initialisation; version 2
  put16(capability.writable, 2, PCI_PM_CTRL_STATE_MASK | PCI_PM_CTRL_PME_ENABLE);
  put16(capability.clearedByOne, 2, PCI_PM_CTRL_PME_STATUS);
  return capability;
}

/** One message, to a 64-bit address. */
export function msiCapability(at: number): Capability {
  const capability = empty(PCI_CAP_ID_MSI, at, 12);
  put16(capability.bytes, 0, PCI_MSI_FLAGS_64BIT);
  put16(capability.writable, 0, 0x0071);
  capability.writable.fill(0xff, 2, 12);
  capability.writable[2] = 0xfc;
  return capability;
}

/** `vectors` messages, whose table and pending bits lie in a BAR at multiples of 8. */
export function msixCapability(
  at: number,
  vectors: number,
  bar: number,
  tableOffset: number,
  pendingOffset: number,
): Capability {
  const capability = empty(PCI_CAP_ID_MSIX, at, 10);
  put16(capability.bytes, 0, vectors - 1);
  put16(capability.writable, 0, PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
  put32(capability.bytes, 2, tableOffset | bar);
  put32(capability.bytes, 6, pendingOffset | bar);
  return capability;
}

function empty(id: number, at: number, length: number): Capability {
  return {
    id,
    at,
    bytes: new Uint8Array(length),
    writable: new Uint8Array(length),
    clearedByOne: new Uint8Array(length),
  };
}

function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
}

function put32(bytes: Uint8Array, at: number, value: number): void {
  put16(bytes, at, value);
  put16(bytes, at + 2, value >>> 16);
}
