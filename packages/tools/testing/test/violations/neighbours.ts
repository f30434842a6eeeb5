/** Neighbour protocols that break their contract, one way each; run by violations.test.ts. */
import { Clock, SEC, Timer } from '@stack/clock';
import { Ipv4 } from '@stack/ipv4';
import { __neighLookup, Arp, NEIGH_UPDATE_F_ADMIN, neighUpdate, NUD_PERMANENT, NUD_REACHABLE } from '@stack/neigh';
import { devQueueXmit, NetCore, PacketTypes, type NetDevice } from '@stack/netdev';
import type { Plugin } from '@stack/plugin';
import { eth, skbShareCheck } from '@stack/skb';
import { WheelTimer } from '@stack/softirq';
import { neighbourContract } from '@stack/testing';
import { ask, registering, type Deed } from './wrong-context.ts';

const TYPE = 0x88b5;

interface Wrong {
  /** NUD_PERMANENT for what the wire says. */
  readonly forever?: boolean;
  /** An address that nobody has. */
  readonly lying?: boolean;
  readonly mute?: boolean;
  /** Goes on when the host has closed. */
  readonly restless?: boolean;
  /** Does something that is not for the packet path, at each frame or at each second. */
  readonly atFrame?: Deed;
  readonly atTimer?: Deed;
}

/** Hosts announce their addresses each second, or do one thing wrong. */
function announcing(name: string, wrong: Wrong): Plugin {
  return {
    name,
    attach(services) {
      const core = services.get(NetCore);
      const { table } = services.get(Arp);
      const ipv4 = services.get(Ipv4);
      const learn = (address: number, mac: Uint8Array, dev: NetDevice): void => {
        const neigh = __neighLookup(table, address, dev);
        if (neigh !== null)
          neighUpdate(neigh, mac, wrong.forever ? NUD_PERMANENT : NUD_REACHABLE, NEIGH_UPDATE_F_ADMIN);
      };
      const undo = services.get(PacketTypes).add({
        name,
        type: TYPE,
        dev: null,
        func(shared, dev) {
          const skb = skbShareCheck(shared);
          wrong.atFrame?.(skb, services);
          const from = new Uint8Array(6);
          if (skb.mayPull(4)) {
            eth.source(skb, from);
            learn(skb.i32(0), from, dev);
          }
          skb.consume();
          return 0;
        },
      });
      const tell = (dev: NetDevice, address: number): void => {
        const skb = core.pool.alloc(64)!;
        skb.reserve(dev.hardHeaderLen);
        skb.resetNetworkHeader();
        skb.put(4);
        skb.setI32(0, wrong.lying ? 0x0a000009 : address);
        skb.dev = dev;
        skb.protocol = TYPE;
        dev.headerOps!.create(skb, dev, TYPE, dev.broadcast, null);
        devQueueXmit(skb);
      };
      const timer = new WheelTimer(core.timers.boot, () => {
        wrong.atTimer?.(null, services);
        for (const dev of core.devices.values()) {
          if (dev.running && dev.name === 'eth0' && !wrong.mute)
            for (const { address } of ipv4.addresses(dev)) tell(dev, address);
        }
        timer.mod(core.timers.boot.jiffies + SEC / 1e6);
      });
      timer.mod(core.timers.boot.jiffies + SEC / 1e6);
      if (wrong.restless) again(services.get(Clock));
      return () => {
        timer.cancel();
        undo();
      };
    },
  };
}

/** Looks after something each second, for good. */
function again(clock: Clock): void {
  const timer = new Timer(clock, { run: () => timer.setIn(SEC) });
  timer.setIn(SEC);
}

const neighbour = (name: string, wrong: Wrong): void =>
  neighbourContract(name, () => announcing(name, wrong), { ethertype: TYPE, within: '2s' });

neighbour('all right', {});
neighbour('mute', { mute: true });
neighbour('lying', { lying: true });
neighbour('stubborn', { forever: true });
neighbour('restless', { restless: true });
neighbour('freeing', { atFrame: (skb) => skb?.consume() });
neighbour('asking around', { atFrame: ask });
neighbour('registering', { atTimer: registering(Infinity) });
