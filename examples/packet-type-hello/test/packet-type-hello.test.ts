import { virtualClock } from '@stack/clock';
import { createLab, e1000, inet } from '@stack/host';
import { packetTypeContract } from '@stack/testing';
import { expect, test } from 'vitest';
import { ETH_P_HELLO, hello, Hellos } from '../src/index.ts';

const payloads = [new TextEncoder().encode('bert')];
packetTypeContract('hello', ETH_P_HELLO, () => hello('anna'), { payloads, allocates: true }); // it remembers names

test("hosts on a switch learn each other's names", () => {
  const clock = virtualClock();
  const lab = createLab({ clock, seed: 7, checking: true });
  const names = ['anna', 'bert', 'cleo'];
  const hub = lab.switch({ ports: 3 });
  const hosts = names.map((name, i) => {
    const device = e1000({ port: hub.ports[i]!, mac: `02:00:00:00:00:0${i + 1}` });
    return lab.host({ name, use: [...inet(), hello(name)], devices: { eth0: device } });
  });
  clock.runFor(3e9); // links come up
  for (const host of hosts) host.get(Hellos).greet(host.devices.find(({ name }) => name === 'eth0')!);
  clock.runFor(1e9);
  expect([...hosts[0]!.get(Hellos).neighbours]).toEqual([
    ['02:00:00:00:00:02', 'bert'],
    ['02:00:00:00:00:03', 'cleo'],
  ]);
  lab.close();
});
