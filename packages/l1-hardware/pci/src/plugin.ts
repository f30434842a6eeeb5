import { Memory } from '@stack/memory';
import type { Plugin } from '@stack/plugin';
import { Smp } from '@stack/softirq';
import { Pci, PciBus } from './bus.ts';
import { PciDrivers } from './driver.ts';

/** The PCI bus of a host. When the host closes, drivers let go of their devices and all chips come out. */
export function pciBus(): Plugin {
  return {
    name: 'pci',
    provide(provider) {
      provider.bind(Pci, (services) => new PciBus(services.get(Smp), services.get(Memory)));
      provider.bind(PciDrivers, (services) => services.get(Pci));
    },
    attach: (services) => {
      const bus = services.get(Pci);
      return () => bus.close();
    },
  };
}
