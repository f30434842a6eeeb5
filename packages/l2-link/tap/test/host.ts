import { Clock, Random, realClock, seededRandom } from '@stack/clock';
import { CheckingArena, Memory } from '@stack/memory';
import { devOpen, netdev, PacketTypes, type PacketType } from '@stack/netdev';
import { Container, type Plugin } from '@stack/plugin';
import { CheckingSkbPool, Skbs } from '@stack/skb';
import { softirqs } from '@stack/softirq';
import { onTestFinished } from 'vitest';
import { createTap, type TapOptions } from '../src/index.ts';

/** A host in real time whose only floor is the link, with a TAP device that is up. */
export function linkHost(options: TapOptions) {
  const arena = new CheckingArena(64 * 1024 * 1024);
  const pool = new CheckingSkbPool(arena);
  const surroundings: Plugin = {
    name: 'the machine',
    provide(provider) {
      provider.bind(Clock, () => realClock());
      provider.bind(Random, () => seededRandom(1));
      provider.bind(Memory, () => arena);
      provider.bind(Skbs, () => pool);
    },
  };
  const host = new Container('alice');
  host.use([surroundings, softirqs({ name: 'alice' }), netdev()]);
  const dev = createTap(host, options);
  dev.txQueueLen = 0; // straight to the driver
  devOpen(dev);
  onTestFinished(() => {
    host.close();
    pool.check();
    arena.check();
  });
  return { host, dev, arena, pool };
}

/** Adds a handler for one ethertype that gives the packet's fate into the hands of `receive`. */
export function listen(host: Container, type: number, receive: PacketType['func']): void {
  const handler: PacketType = { name: 'test', type, dev: null, func: receive };
  host.get(PacketTypes).add(handler);
}
