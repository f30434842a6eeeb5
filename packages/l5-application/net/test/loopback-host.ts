import { ipv4 } from '@stack/ipv4';
import { loopback } from '@stack/loopback';
import { arp } from '@stack/neigh';
import { netdev } from '@stack/netdev';
import { netfilter } from '@stack/netfilter';
import type { Plugin } from '@stack/plugin';
import { pfifoFast } from '@stack/qdisc';
import { sockets } from '@stack/sock';
import { bsdSockets } from '@stack/socket';
import { tcp } from '@stack/tcp';
import { machine, testHost } from '@stack/testing';
import { udp } from '@stack/udp';
import { Names, NodeNet, nodeNet } from '../src/index.ts';

const names: Plugin = {
  name: 'names',
  provide: (provider) => provider.bind(Names, () => ({ resolve: (name) => (name === 'me' ? 0x7f000001 : null) })),
};

/** A host that talks to itself in virtual time; others call it `me`. */
export function loopbackHost() {
  const lab = machine({ seed: 7 });
  const below = [netdev(), pfifoFast(), loopback(), arp(), netfilter(), ipv4(), sockets(), udp(), tcp()];
  const host = testHost(lab, 'alice', [...below, bsdSockets(), names, nodeNet()]);
  return { clock: lab.clock, ...host.get(NodeNet) };
}

export const event = <T = unknown>(emitter: NodeJS.EventEmitter, name: string): Promise<T> =>
  new Promise((resolve) => emitter.once(name, resolve));
