import { SEC } from '@stack/clock';
import { Ipv4 } from '@stack/ipv4';
import {
  __neighLookup,
  Arp,
  NEIGH_UPDATE_F_ADMIN,
  NEIGH_UPDATE_F_OVERRIDE,
  neighUpdate,
  NUD_REACHABLE,
} from '@stack/neigh';
import { devQueueXmit, NetCore, PacketTypes, type NetDevice } from '@stack/netdev';
import type { Plugin } from '@stack/plugin';
import { eth, skbShareCheck, type SkBuff } from '@stack/skb';
import { WheelTimer } from '@stack/softirq';

/** For local experiments. */
export const ETH_P_ANNOUNCE = 0x88b6;
/** One address. */
const LENGTH = 4;

/** Every host tells its addresses to its wires now and then, so that nobody has to ask. Hosts without it are asked by ARP. */
export function announce(everySeconds = 10): Plugin {
  return {
    name: 'announce',
    attach(services) {
      const core = services.get(NetCore);
      const arp = services.get(Arp);
      const ip = services.get(Ipv4);
      const from = new Uint8Array(6);
      const undo = services.get(PacketTypes).add({
        name: 'announce',
        type: ETH_P_ANNOUNCE,
        dev: null,
        func(shared, dev) {
          const skb = skbShareCheck(shared);
          if (skb.mayPull(LENGTH)) {
            const neigh = __neighLookup(arp.table, skb.i32(0), dev);
            eth.source(skb, from);
            if (neigh !== null) neighUpdate(neigh, from, NUD_REACHABLE, NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_ADMIN);
          }
          skb.consume();
          return 0;
        },
      });
      const jiffies = Math.round((everySeconds * SEC) / 1e6);
      const timer = new WheelTimer(core.timers.boot, () => {
        for (const dev of core.devices.values()) {
          if (dev.running) for (const { address } of ip.addresses(dev)) tell(core, dev, address);
        }
        timer.mod(core.timers.boot.jiffies + jiffies);
      });
      timer.mod(core.timers.boot.jiffies + jiffies);
      return () => {
        timer.cancel();
        undo();
      };
    },
  };
}

function tell(core: NetCore, dev: NetDevice, address: number): void {
  const skb: SkBuff | null = core.pool.alloc(dev.hardHeaderLen + LENGTH);
  if (skb === null || dev.headerOps === null) return skb?.consume();
  skb.reserve(dev.hardHeaderLen);
  skb.resetNetworkHeader();
  skb.put(LENGTH);
  skb.setI32(0, address);
  skb.dev = dev;
  skb.protocol = ETH_P_ANNOUNCE;
  dev.headerOps.create(skb, dev, ETH_P_ANNOUNCE, dev.broadcast, null);
  devQueueXmit(skb);
}
