import type { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import type { RemoteInfo } from '../src/index.ts';
import { event, loopbackHost } from './loopback-host.ts';

type Failure = NodeJS.ErrnoException;

test('a datagram arrives whole, with the address of its sender, and is answered', async () => {
  const { clock, dgram } = loopbackHost();
  const server = dgram.createSocket('udp4', (bytes, from) => server.send(`${bytes}!`, from.port, from.address));
  server.bind(53, '127.0.0.1');
  const client = dgram.createSocket('udp4');
  const answer = new Promise<[Buffer, RemoteInfo]>((resolve) => {
    client.once('message', (bytes: Buffer, from: RemoteInfo) => resolve([bytes, from]));
  });
  client.send('x'.repeat(9000), 53, 'me');
  const [bytes, from] = await clock.settle(answer);
  expect(String(bytes)).toBe(`${'x'.repeat(9000)}!`);
  expect(from).toEqual({ address: '127.0.0.1', family: 'IPv4', port: 53, size: 9001 });
  server.close();
  client.close();
});

test('a connected socket hears that nobody has the port', async () => {
  const { clock, dgram } = loopbackHost();
  const socket = dgram.createSocket('udp4');
  socket.connect(54);
  socket.send('anyone?');
  expect(await clock.settle(event<Failure>(socket, 'error'))).toMatchObject({ code: 'ECONNREFUSED' });
  socket.close();
});

test('what cannot be sent is told to the callback, or else as an event', async () => {
  const { clock, dgram } = loopbackHost();
  const socket = dgram.createSocket('udp4');
  const told = new Promise<Failure | null>((resolve) => socket.send(new Uint8Array(65_508), 53, 'me', resolve));
  expect(await clock.settle(told)).toMatchObject({ code: 'EMSGSIZE' });
  socket.send('x', 53, 'nowhere');
  expect(await clock.settle(event<Failure>(socket, 'error'))).toMatchObject({ code: 'ENOTFOUND' });
  socket.close();
  expect(() => socket.send('x', 53)).toThrow(expect.objectContaining({ code: 'ERR_SOCKET_DGRAM_NOT_RUNNING' }));
});
