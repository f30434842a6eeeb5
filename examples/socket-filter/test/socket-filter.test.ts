import { virtualClock } from '@stack/clock';
import { createLab, e1000, inet } from '@stack/host';
import { parseIpv4 } from '@stack/ipv4';
import { DropReason, Skbs } from '@stack/skb';
import { SOCK_DGRAM } from '@stack/sock';
import { AF_INET, SO_ATTACH_FILTER, SOL_SOCKET } from '@stack/socket';
import { socketFilterContract } from '@stack/testing';
import { expect, test } from 'vitest';
import { onlyFrom } from '../src/index.ts';

socketFilterContract('only-from', () => onlyFrom([parseIpv4('10.0.0.2')]));

test.each([
  ['10.0.0.2', 5],
  ['10.0.0.9', -11], // EAGAIN
])('a socket that knows %s alone receives %i', (known, received) => {
  const clock = virtualClock();
  const lab = createLab({ clock, seed: 7, checking: true });
  const cable = lab.cable();
  const server = lab.host({
    name: 'server',
    use: inet(),
    devices: { eth0: e1000({ port: cable.a, address: '10.0.0.1/24' }) },
  });
  const client = lab.host({
    name: 'client',
    use: inet(),
    devices: { eth0: e1000({ port: cable.b, address: '10.0.0.2/24' }) },
  });
  const fd = server.sockets.socket(AF_INET, SOCK_DGRAM);
  server.sockets.bind(fd, 0, 7);
  expect(server.sockets.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, onlyFrom([parseIpv4(known)]))).toBe(0);
  const sender = client.sockets.socket(AF_INET, SOCK_DGRAM);
  client.sockets.connect(sender, parseIpv4('10.0.0.1'), 7);
  client.sockets.send(sender, new Uint8Array(5));
  clock.runFor(1e9);
  expect(server.sockets.recv(fd, new Uint8Array(10))).toBe(received);
  expect(server.get(Skbs).drops[DropReason.SOCKET_FILTER]).toBe(received < 0 ? 1 : 0);
  lab.close();
});
