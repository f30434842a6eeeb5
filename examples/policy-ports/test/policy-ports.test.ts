import { once } from 'node:events';
import { virtualClock } from '@stack/clock';
import { createLab, e1000, inet } from '@stack/host';
import { DropReason, Skbs } from '@stack/skb';
import { policyContract } from '@stack/testing';
import { expect, test } from 'vitest';
import { onlyPorts } from '../src/index.ts';

policyContract('only-ports', () => onlyPorts([80, 443]));

function setUp() {
  const clock = virtualClock();
  const lab = createLab({ clock, seed: 7, checking: true });
  const cable = lab.cable();
  const use = [...inet(), onlyPorts([443])];
  const server = lab.host({ name: 'server', use, devices: { eth0: e1000({ port: cable.a, address: '10.0.0.1/24' }) } });
  const client = lab.host({
    name: 'client',
    use: inet(),
    devices: { eth0: e1000({ port: cable.b, address: '10.0.0.2/24' }) },
  });
  return { clock, lab, server, client };
}

test('a connection to an allowed port comes about', async () => {
  const { clock, lab, server, client } = setUp();
  server.net.createServer((socket) => socket.end('hello')).listen(443);
  const socket = client.net.connect(443, '10.0.0.1');
  const [data] = await clock.settle(once(socket, 'data'));
  expect(String(data)).toBe('hello');
  socket.destroy();
  lab.close();
});

test('what comes to other ports and protocols is dropped, and nothing else leaves', async () => {
  const { clock, lab, server, client } = setUp();
  const socket = client.net.connect(80, '10.0.0.1').on('error', () => {});
  await expect(clock.settle(client.ping('10.0.0.1'))).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  await expect(clock.settle(server.ping('10.0.0.2'))).rejects.toMatchObject({ code: 'EPERM' });
  expect(server.get(Skbs).drops[DropReason.XFRM_POLICY]).toBeGreaterThanOrEqual(3);
  socket.destroy();
  lab.close();
});
