import { PciBus, type PciDev, type PciDriver } from '@stack/pci';
import { Cpus } from '@stack/softirq';
import { machine, type Machine } from '@stack/testing';
import { DEVICE, VENDOR } from './sample-chip.ts';

/** A machine with a bus. */
export function machineBus(): Machine & { cpus: number; smp: Cpus; bus: PciBus } {
  const parts = machine();
  const smp = new Cpus('host', parts.clock, 1);
  return { ...parts, smp, bus: new PciBus(smp, parts.arena) };
}

/** A driver that notes what it is told. */
export function noting(log: string[], changes: Partial<PciDriver> = {}): PciDriver {
  const name = changes.name ?? 'noting';
  return {
    name,
    idTable: [{ vendor: VENDOR, device: DEVICE, driverData: 7 }],
    probe: (pdev: PciDev, id) => {
      log.push(`${name} probe ${pdev.name} ${id.driverData}`);
      return 0;
    },
    remove: (pdev: PciDev) => {
      log.push(`${name} remove ${pdev.name}`);
    },
    ...changes,
  };
}
