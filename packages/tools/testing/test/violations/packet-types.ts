/** Packet types that break their contract, one way each; run by violations.test.ts. */
import { PacketTypes } from '@stack/netdev';
import { skbShareCheck, type SkBuff } from '@stack/skb';
import { packetTypeContract } from '@stack/testing';
import type { Services } from '@stack/plugin';
import { ask, plugging, registering } from './wrong-context.ts';

const TYPE = 0x88b5;
const kept: SkBuff[] = [];
let notes: object = {};

const type = (name: string, func: (skb: SkBuff, services: Services) => void, undo = true): void =>
  packetTypeContract(name, TYPE, () => ({
    name,
    attach(services) {
      const off = services
        .get(PacketTypes)
        .add({ name, type: TYPE, dev: null, func: (skb) => (func(skb, services), 0) });
      return undo ? off : () => {};
    },
  }));

type('all right', (skb) => skb.consume());
type('without undo', (skb) => skb.consume(), false);
type('hoarding', (skb) => kept.push(skb));
type('freeing twice', (skb) => {
  skb.consume();
  skb.consume();
});
type('throwing', (skb) => {
  skb.pull(8); // without mayPull
  skb.consume();
});
type('greedy', (skb) => {
  if (skb.mayPull(4)) skb.pull(4); // without skbShareCheck
  skb.consume();
});
type('scribbling', (shared) => {
  const skb = skbShareCheck(shared);
  if (skb.mayPull(1)) skb.setU8(0, skb.u8(0) ^ 1); // without skbEnsureWritable
  skb.consume();
});
type('wasteful', (skb) => {
  notes = { length: [skb.len] };
  skb.consume();
  if (notes === null) throw new Error('never');
});

const before = (deed: (skb: SkBuff, services: Services) => void) => (skb: SkBuff, services: Services) => {
  deed(skb, services);
  skb.consume();
};
type('asking', before(ask));
type('plugging', before(plugging()));
type('registering', before(registering()));
