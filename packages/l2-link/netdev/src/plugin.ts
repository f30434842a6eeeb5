import { Clock } from '@stack/clock';
import { Memory } from '@stack/memory';
import { Faults, type Plugin } from '@stack/plugin';
import { Skbs } from '@stack/skb';
import { Smp, Timers } from '@stack/softirq';
import { unregisterNetdevice } from './device/registry.ts';
import { NetCore } from './net-core.ts';
import { netDevInit } from './net-dev-init.ts';
import { OffloadRegistry, Offloads } from './offload/offloads.ts';
import { PacketTypes } from './receive/packet-type.ts';
import { devAddPack } from './receive/packet-types.ts';
import { QdiscKindRegistry } from './transmit/qdisc-kinds.ts';
import { QdiscKinds } from './transmit/qdisc.ts';
import { noqueue } from './transmit/noqueue.ts';

/**
 * The core of a host's network: devices, NAPI, the receive and transmit paths, GRO and GSO of TCP over IPv4. Needs
 * skbs() and softirqs(). Closing the host unregisters every device.
 */
export function netdev(): Plugin {
  return {
    name: 'netdev',
    provide(provider) {
      provider.bind(QdiscKinds, (services) => {
        const kinds = new QdiscKindRegistry(services.get(Faults));
        kinds.add(noqueue);
        return kinds;
      });
      provider.bind(NetCore, (services) =>
        netDevInit({
          clock: services.get(Clock),
          arena: services.get(Memory),
          pool: services.get(Skbs),
          cpus: services.get(Smp),
          timers: services.get(Timers),
          qdiscKinds: services.get(QdiscKinds),
          faults: services.get(Faults),
        }),
      );
      provider.bind(PacketTypes, (services) => {
        const core = services.get(NetCore);
        return { add: (type) => devAddPack(core, type) };
      });
      provider.bind(Offloads, (services) => new OffloadRegistry(services.get(NetCore)));
    },
    attach(services) {
      const core = services.get(NetCore);
      return () => {
        for (const dev of [...core.devices.values()].reverse()) unregisterNetdevice(dev);
      };
    },
  };
}
