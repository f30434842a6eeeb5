import { EAGAIN, ECONNREFUSED } from '@stack/plugin';
import { EPOLLIN, EPOLLOUT, MsgHdr, SOCK_DGRAM } from '@stack/sock';
import { Udp } from '@stack/udp';
import { expect, test } from 'vitest';
import { AF_INET, IP_MTU, SOL_IP } from '../src/index.ts';
import { bytesOf, LOCALHOST, loopbackHost, read } from './loopback-host.ts';

test('a question and its answer', () => {
  const { calls, clock, host } = loopbackHost();
  const [server, client] = [calls.create(SOCK_DGRAM), calls.create(SOCK_DGRAM)];
  expect(server.bind(LOCALHOST, 53)).toBe(0);
  expect(client.connect(LOCALHOST, 53)).toBe(0);
  expect(client.send(bytesOf('question'))).toBe(8);
  clock.drain();
  expect(server.poll()).toBe(EPOLLIN | EPOLLOUT);
  expect(server.available).toBe(8);
  const msg = new MsgHdr();
  const buffer = new Uint8Array(100);
  expect(server.recvmsg(buffer, 0, 100, 0, msg)).toBe(8);
  expect([msg.address, msg.port]).toEqual([LOCALHOST, client.localPort]);
  expect(server.sendmsg(bytesOf('answer'), 0, 6, 0, msg)).toBe(6);
  clock.drain();
  expect(read(client)).toBe('answer');
  expect(client.getOption(SOL_IP, IP_MTU)).toBe(65_535);
  expect(host.get(Udp).mib.nonZero()).toEqual({ UdpInDatagrams: 2, UdpOutDatagrams: 2 });
});

test('the largest datagram passes, whole', () => {
  const { calls, clock } = loopbackHost();
  const [server, client] = [calls.create(SOCK_DGRAM), calls.create(SOCK_DGRAM)];
  server.bind(0, 53);
  client.connect(LOCALHOST, 53);
  const bytes = Uint8Array.from({ length: 65_507 }, (_, i) => i * 7);
  expect(client.send(bytes)).toBe(65_507);
  clock.drain();
  const got = new Uint8Array(65_507);
  expect(server.recv(got)).toBe(65_507);
  expect(got).toEqual(bytes);
});

test('nobody has the port: ICMP tells a connected sender', () => {
  const { calls, clock, host } = loopbackHost();
  const client = calls.create(SOCK_DGRAM);
  client.connect(LOCALHOST, 99);
  client.send(bytesOf('anybody?'));
  clock.drain();
  expect(read(client)).toBe(-ECONNREFUSED);
  expect(read(client)).toBe(-EAGAIN);
  expect(host.get(Udp).mib.nonZero()).toMatchObject({ UdpNoPorts: 1 });
});

test('a listener is told of datagrams', () => {
  const { calls, clock } = loopbackHost();
  const server = calls.socket(AF_INET, SOCK_DGRAM);
  calls.bind(server, 0, 53);
  const heard: number[] = [];
  const buffer = new Uint8Array(10);
  calls.listenTo(server, {
    onReady(events) {
      if ((events & EPOLLIN) === 0) return;
      for (let n = calls.recv(server, buffer); n >= 0; n = calls.recv(server, buffer)) heard.push(n);
    },
  });
  const client = calls.socket(AF_INET, SOCK_DGRAM);
  calls.connect(client, LOCALHOST, 53);
  for (const text of ['a', 'bb', 'ccc']) calls.write(client, bytesOf(text));
  clock.drain();
  expect(heard).toEqual([1, 2, 3]);
});
