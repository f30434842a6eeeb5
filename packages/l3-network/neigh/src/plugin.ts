import { Random } from '@stack/clock';
import {
  NETDEV_CHANGE,
  NETDEV_CHANGEADDR,
  NETDEV_DOWN,
  NETDEV_UNREGISTER,
  NetCore,
  PacketTypes,
  registerNetdeviceNotifier,
  type NetDevice,
} from '@stack/netdev';
import type { Plugin } from '@stack/plugin';
import { eth } from '@stack/skb';
import { Arp, ArpState } from './arp/arp.ts';
import { arpRcv } from './arp/receive.ts';
import { neighCarrierDown, neighChangeaddr, neighIfdown, neighTableClear } from './remove.ts';
import type { NeighTable } from './table.ts';

/** Gives a host ARP: a neighbour table, and the packet type 0x0806. @kernel net/ipv4/arp.c arp_init() */
export function arp(): Plugin {
  return {
    name: 'arp',
    provide: (provider) => provider.bind(Arp, (services) => new ArpState(services.get(NetCore), services.get(Random))),
    attach(services) {
      const state = services.get(Arp);
      const removeType = services.get(PacketTypes).add({
        name: 'arp',
        type: eth.TYPE_ARP,
        dev: null,
        func: (skb, dev) => arpRcv(state, skb, dev),
      });
      const removeNotifier = registerNetdeviceNotifier(state.core, (event, dev) =>
        arpNetdevEvent(state.table, event, dev),
      );
      return () => {
        removeNotifier();
        removeType();
        neighTableClear(state.table);
      };
    },
  };
}

/** @kernel net/ipv4/arp.c arp_netdev_event() */
function arpNetdevEvent(table: NeighTable, event: number, dev: NetDevice): void {
  if (event === NETDEV_CHANGEADDR) neighChangeaddr(table, dev);
  if (event === NETDEV_CHANGE && !dev.carrier) neighCarrierDown(table, dev);
  if (event === NETDEV_DOWN || event === NETDEV_UNREGISTER) neighIfdown(table, dev);
  if (event === NETDEV_UNREGISTER) table.releaseParms(dev);
}
