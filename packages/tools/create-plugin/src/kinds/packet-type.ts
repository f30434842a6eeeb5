import type { Kind } from './kind.ts';

export const packetType: Kind = {
  kind: 'packet-type',
  title: 'a packet type: frames of an ethertype, beside IP',
  needs: ['netdev', 'plugin', 'skb'],
  testNeeds: [],
  source: `import { PacketTypes } from '@stack/netdev';
/*type*/import type { Plugin } from '@stack/plugin';
import { skbShareCheck } from '@stack/skb';

/** For local experiments (IEEE 802). */
export const ETHERTYPE = 0x88b5;

/** Counts frames of an ethertype by their first byte, which is added to \`counts\`. */
export function CAMEL(counts/*: Map<number, number> */)/*: Plugin */ {
  return {
    name: 'NAME',
    attach: (services) =>
      services.get(PacketTypes).add({
        name: 'NAME',
        type: ETHERTYPE,
        dev: null,
        func(shared) {
          const skb = skbShareCheck(shared); // others may have it too
          if (skb.mayPull(1)) counts.set(skb.u8(0), (counts.get(skb.u8(0)) ?? 0) + 1);
          skb.consume();
          return 0;
        },
      }),
  };
}
`,
  test: `import { allocEtherdev, ethTypeTrans, NetCore, netdev, NETDEV_TX_OK, netifRx, registerNetdevice } from '@stack/netdev';
import { Skbs } from '@stack/skb';
import { ethernetFrame, machine, packetTypeContract, testHost } from '@stack/testing';
import { expect, test } from 'vitest';
import { ETHERTYPE, CAMEL } from '../src/index.EXT';

packetTypeContract('NAME', ETHERTYPE, () => CAMEL(new Map()), { allocates: true });

test('frames of the ethertype are counted, others are not', () => {
  const counts = new Map/*<number, number>*/();
  const lab = machine();
  const host = testHost(lab, 'alice', [netdev(), CAMEL(counts)]);
  const dev = allocEtherdev('eth0', { open: () => 0, stop: () => 0, startXmit: (skb) => (skb.consume(), NETDEV_TX_OK) });
  registerNetdevice(host.get(NetCore), dev);
  for (const [type, first] of [
    [ETHERTYPE, 7],
    [ETHERTYPE, 7],
    [0x9999, 7],
  ]/* as const*/) {
    const skb = host.get(Skbs).alloc(64)/*!*/;
    skb.putData(ethernetFrame(type, Uint8Array.of(first)));
    skb.protocol = ethTypeTrans(skb, dev);
    netifRx(skb);
  }
  lab.clock.runFor(1e6);
  expect([...counts]).toEqual([[7, 2]]);
});
`,
  example: `const counts = new Map();
const host = lab.host({ name: 'counter', use: [...inet(), CAMEL(counts)] });`,
};
