import { virtualClock } from '@stack/clock';
import { createLab, e1000, inet } from '@stack/host';
import { parseIpv4 } from '@stack/ipv4';
import { EADDRINUSE, EAGAIN, EDESTADDRREQ, EINVAL } from '@stack/plugin';
import { DropReason, Skbs } from '@stack/skb';
import { MsgHdr, SOCK_DGRAM } from '@stack/sock';
import { AF_INET } from '@stack/socket';
import { protocolContract } from '@stack/testing';
import { expect, test } from 'vitest';
import { postcards, PROTOCOL } from '../src/index.ts';

protocolContract('postcard', PROTOCOL, postcards, {
  packets: [Uint8Array.of(0, 5, 0, 7), Uint8Array.of(0, 5, 0, 7, 104, 105)],
  socketType: SOCK_DGRAM,
});

function setUp() {
  const clock = virtualClock();
  const lab = createLab({ clock, seed: 7, checking: true });
  const cable = lab.cable({ delay: '1ms' });
  const host = (name: string, end: 'a' | 'b', address: string) =>
    lab.host({ name, use: [...inet(), postcards()], devices: { eth0: e1000({ port: cable[end], address }) } });
  const alice = host('alice', 'a', '10.0.0.1/24');
  const bob = host('bob', 'b', '10.0.0.2/24');
  return { clock, lab, alice, bob };
}

const text = (bytes: Uint8Array, length: number): string => new TextDecoder().decode(bytes.subarray(0, length));

test('a postcard reaches the box it names, and an answer comes back', () => {
  const { clock, lab, alice, bob } = setUp();
  const [a, b] = [alice, bob].map(({ sockets }) => sockets.socket(AF_INET, SOCK_DGRAM, PROTOCOL)) as [number, number];
  expect(bob.sockets.bind(b, 0, 7)).toBe(0);
  expect(alice.sockets.send(a, Uint8Array.of(1))).toBe(-EDESTADDRREQ);
  expect(alice.sockets.connect(a, parseIpv4('10.0.0.2'), 7)).toBe(0);
  expect(alice.sockets.send(a, new TextEncoder().encode('wish you were here'))).toBe(18);
  clock.runFor(1e9);
  const into = new Uint8Array(100);
  const from = new MsgHdr();
  expect(text(into, bob.sockets.recvmsg(b, into, 0, from))).toBe('wish you were here');
  expect(from.address).toBe(parseIpv4('10.0.0.1'));
  expect(bob.sockets.sendmsg(b, new TextEncoder().encode('me too'), 0, from)).toBe(6);
  clock.runFor(1e9);
  expect(text(into, alice.sockets.recv(a, into))).toBe('me too');
  expect(alice.sockets.recv(a, into)).toBe(-EAGAIN);
  lab.close();
});

test('a box has one owner; what nobody owns is dropped', () => {
  const { clock, lab, alice, bob } = setUp();
  const [one, two] = [0, 1].map(() => bob.sockets.socket(AF_INET, SOCK_DGRAM, PROTOCOL)) as [number, number];
  expect(bob.sockets.bind(one, 0, 7)).toBe(0);
  expect(bob.sockets.bind(two, 0, 7)).toBe(-EADDRINUSE);
  expect(bob.sockets.bind(one, 0, 8)).toBe(-EINVAL);
  const a = alice.sockets.socket(AF_INET, SOCK_DGRAM, PROTOCOL);
  alice.sockets.connect(a, parseIpv4('10.0.0.2'), 99);
  alice.sockets.send(a, Uint8Array.of(1));
  clock.runFor(1e9);
  expect(bob.get(Skbs).drops[DropReason.NO_SOCKET]).toBe(1);
  bob.sockets.close(one);
  expect(bob.sockets.bind(two, 0, 7)).toBe(0);
  lab.close();
});
