import { once } from 'node:events';
import { virtualClock } from '@stack/clock';
import { createLab, e1000, inet } from '@stack/host';
import { Tcp } from '@stack/tcp';
import { badNetworks, congestionContract } from '@stack/testing';
import { expect, test } from 'vitest';
import { vegas, vegasControl } from '../src/index.ts';

congestionContract('vegas', () => vegas, { bytes: 100_000, networks: badNetworks });

/** Frames that a queue of 100 lost while 2 MB crossed a cable whose queue is short for Reno. */
async function losses(control: string): Promise<number> {
  const clock = virtualClock();
  const lab = createLab({ clock, seed: 7, checking: true });
  const cable = lab.cable({ rate: '10Mbit', delay: '20ms', queue: 100 });
  const use = [...inet(), vegasControl()];
  const device = (end: 'a' | 'b', address: string) => ({ eth0: e1000({ port: cable[end], address }) });
  const server = lab.host({ name: 'server', use, devices: device('a', '10.0.0.1/24') });
  const client = lab.host({ name: 'client', use, devices: device('b', '10.0.0.2/24') });
  client.get(Tcp).sysctl.tcp_congestion_control = control;
  const listener = server.net.createServer((socket) => socket.resume().on('end', () => socket.end())).listen(80);
  const socket = client.net.connect(80, '10.0.0.1');
  socket.resume().end(new Uint8Array(2_000_000));
  await clock.settle(once(socket, 'close'));
  listener.close();
  clock.runFor(60e9);
  const { aToB, bToA } = cable.statistics;
  lab.close();
  return aToB.queueDrops + bToA.queueDrops;
}

test('it slows down before the queue is full, where reno waits for a loss', async () => {
  expect(await losses('reno')).toBeGreaterThan(0);
  expect(await losses('vegas')).toBe(0);
});
