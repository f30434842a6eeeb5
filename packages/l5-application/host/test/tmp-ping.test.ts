import { virtualClock } from '@stack/clock';
import { expect, test } from 'vitest';
import { createLab } from '../src/lab.ts';
import { e1000, cardParameters } from '../src/e1000.ts';
import { e1000Driver } from '@stack/e1000';
import { ipv4 } from '@stack/ipv4';
import { loopback } from '@stack/loopback';
import { arp } from '@stack/neigh';
import { netdev } from '@stack/netdev';
import { netfilter } from '@stack/netfilter';
import { pciBus } from '@stack/pci';
import { pfifoFast } from '@stack/qdisc';
import { sockets } from '@stack/sock';
import { bsdSockets } from '@stack/socket';
import { udp } from '@stack/udp';
import { describeHost } from '../src/describe.ts';

const inet = () => [pciBus(), e1000Driver(cardParameters), netdev(), pfifoFast(), loopback(), arp(), netfilter(), ipv4(), sockets(), udp(), bsdSockets()];

test('ping', async () => {
  const clock = virtualClock();
  const lab = createLab({ clock, seed: 7, checking: true });
  const cable = lab.cable({ rate: 1e9, delay: '2ms' });
  const server = lab.host({ name: 'server', use: inet(), devices: { eth0: e1000({ port: cable.a, address: '10.0.0.1/24' }) } });
  const client = lab.host({ name: 'client', use: inet(), devices: { eth0: e1000({ port: cable.b, address: '10.0.0.2/24' }) } });
  console.log(JSON.stringify(describeHost(server), null, 1));
  console.log(await clock.settle(client.ping('10.0.0.1')));
  console.log(await clock.settle(client.ping('127.0.0.1')));
  console.log(await clock.settle(client.ping('10.0.0.1', { size: 5000 })));
  console.log(clock.now());
  lab.close();
  expect(1).toBe(1);
});
