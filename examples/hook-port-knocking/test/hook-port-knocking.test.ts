import { once } from 'node:events';
import { virtualClock } from '@stack/clock';
import { createLab, e1000, inet } from '@stack/host';
import { hookContract, tcpFrame } from '@stack/testing';
import { expect, test } from 'vitest';
import { portKnocking } from '../src/index.ts';

const door = () => portKnocking({ port: 22, knocks: [7000, 8000, 9000], open: '10s' });
const syn = (destinationPort: number) => tcpFrame({ sourcePort: 4000, destinationPort, flags: 'S' });

hookContract('port-knocking', door, {
  packets: [
    ['a knock', syn(7000)],
    ['a visit', syn(22)],
  ],
});

function setUp() {
  const clock = virtualClock();
  const lab = createLab({ clock, seed: 7, checking: true });
  const cable = lab.cable({ delay: '1ms' });
  const device = (end: 'a' | 'b', address: string) => ({ eth0: e1000({ port: cable[end], address }) });
  const server = lab.host({ name: 'server', use: [...inet(), door()], devices: device('a', '10.0.0.1/24') });
  const client = lab.host({ name: 'client', use: inet(), devices: device('b', '10.0.0.2/24') });
  server.net.createServer((socket) => socket.on('error', () => {}).end('welcome')).listen(22);
  /** True when a connection came about within a second. */
  const reaches = async (port: number): Promise<boolean> => {
    const socket = client.net.connect(port, '10.0.0.1');
    socket.on('error', () => {});
    const connected = await clock
      .settle(Promise.race([once(socket, 'connect'), once(socket, 'close')]), clock.now() + 1e9)
      .then(
        () => !socket.connecting,
        () => false,
      );
    socket.destroy();
    return connected;
  };
  return { lab, clock, reaches };
}

test('the door opens after all knocks in their order, and closes again', async () => {
  const { lab, clock, reaches } = setUp();
  expect(await reaches(22)).toBe(false);
  for (const port of [7000, 9000, 8000]) await reaches(port);
  expect(await reaches(22)).toBe(false);
  for (const port of [7000, 8000, 9000]) await reaches(port);
  expect(await reaches(22)).toBe(true);
  clock.runFor(10e9);
  expect(await reaches(22)).toBe(false);
  lab.close();
});
