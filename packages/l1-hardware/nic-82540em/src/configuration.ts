import { msiCapability, pmCapability, type ConfigHeader } from '@stack/pci';
import { REGISTER_SPACE } from './registers.ts';

/** BARs: registers in memory, and the I/O window of an address and a data register. */
export const BAR_MEMORY = 0;
export const BAR_IO = 2;

/** Configuration space of an 82540EM. Manual 4.1. */
export const HEADER: ConfigHeader = {
  vendor: 0x8086,
  device: 0x100e,
  subsystemVendor: 0x8086,
  subsystemDevice: 0x001e,
  revision: 0x02,
  classCode: 0x02_00_00, // network, Ethernet
  bars: [{ space: 'memory', size: REGISTER_SPACE }, null, { space: 'io', size: 64 }],
  interruptPin: 1,
  minGrant: 0xff,
  maxLatency: 0x00,
  capabilities: [pmCapability(0xdc), msiCapability(0xf0)],
};
