import type { Kind } from './kind.ts';
import { HOST_IMPORTS, HOST_NEEDS, twoHosts } from './two-hosts.ts';

export const neighbour: Kind = {
  kind: 'neighbour',
  title: 'a neighbour protocol: tells hosts who has which address',
  needs: ['ipv4', 'neigh', 'netdev', 'plugin', 'skb', 'softirq'],
  testNeeds: HOST_NEEDS,
  source: `import { Ipv4 } from '@stack/ipv4';
import { __neighLookup, Arp, NEIGH_UPDATE_F_ADMIN, NEIGH_UPDATE_F_OVERRIDE, neighUpdate, NUD_REACHABLE } from '@stack/neigh';
import { devQueueXmit, NetCore, PacketTypes } from '@stack/netdev';
/*type*/import type { NetDevice } from '@stack/netdev';
/*type*/import type { Plugin } from '@stack/plugin';
import { eth, skbShareCheck } from '@stack/skb';
/*type*/import type { SkBuff } from '@stack/skb';
import { WheelTimer } from '@stack/softirq';

/** For local experiments (IEEE 802). */
export const ETHERTYPE = 0x88b6;
/** One IPv4 address. */
const LENGTH = 4;

/** Every host tells its addresses to its wires, so that nobody has to ask. Hosts without it are asked by ARP. */
export function CAMEL(everyMs/*: number */ = 10_000)/*: Plugin */ {
  return {
    name: 'NAME',
    attach(services) {
      const core = services.get(NetCore);
      const arp = services.get(Arp);
      const ip = services.get(Ipv4);
      const undo = services.get(PacketTypes).add({
        name: 'NAME',
        type: ETHERTYPE,
        dev: null,
        func(shared, dev) {
          const skb = skbShareCheck(shared); // others may have it too
          learn(arp, dev, skb);
          skb.consume();
          return 0;
        },
      });
      const timer = new WheelTimer(core.timers.boot, () => {
        for (const dev of core.devices.values()) {
          if (dev.running) for (const { address } of ip.addresses(dev)) tell(core, dev, address);
        }
        again();
      });
      const again = ()/*: void */ => timer.mod(core.timers.boot.jiffies + everyMs);
      again();
      return () => {
        timer.cancel();
        undo();
      };
    },
  };
}

const from = new Uint8Array(6);

/** Whoever sends it has the address that it names: a claim, which lasts as long as one of ARP. */
function learn(arp/*: Arp */, dev/*: NetDevice */, skb/*: SkBuff */)/*: void */ {
  if (!skb.mayPull(LENGTH)) return;
  const neigh = __neighLookup(arp.table, skb.i32(0), dev);
  eth.source(skb, from);
  if (neigh !== null) neighUpdate(neigh, from, NUD_REACHABLE, NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_ADMIN);
}

function tell(core/*: NetCore */, dev/*: NetDevice */, address/*: number */)/*: void */ {
  if (dev.headerOps === null) return;
  const skb = core.pool.alloc(dev.hardHeaderLen + LENGTH);
  if (skb === null) return; // the next time
  skb.reserve(dev.hardHeaderLen);
  skb.resetNetworkHeader();
  skb.put(LENGTH);
  skb.setI32(0, address);
  skb.dev = dev;
  skb.protocol = ETHERTYPE;
  dev.headerOps.create(skb, dev, ETHERTYPE, dev.broadcast, null);
  devQueueXmit(skb);
}
`,
  test: `${HOST_IMPORTS}import { neighbourContract } from '@stack/testing';
import { expect, test } from 'vitest';
import { CAMEL, ETHERTYPE } from '../src/index.EXT';

const payloads = [Uint8Array.of(10, 0, 0, 1)];
neighbourContract('NAME', () => CAMEL(1000), { ethertype: ETHERTYPE, within: '2s', payloads });

test('a host that was told needs not ask', async () => {
${twoHosts('[...inet(), CAMEL(1000)]', '[...inet(), CAMEL(1000)]')}  clock.runFor(3e9);
  const told = cable.statistics.aToB.delivered + cable.statistics.bToA.delivered;
  await clock.settle(client.ping('10.0.0.1'));
  await clock.settle(server.ping('10.0.0.2'));
  const { aToB, bToA } = cable.statistics;
  expect(aToB.delivered + bToA.delivered - told).toBe(4); // two questions and their answers, and no ARP
  lab.close();
});
`,
  example: `const host = lab.host({ name: 'host', use: [...inet(), CAMEL()] });`,
};
