import { IPPROTO_ICMP, ipv4, Ipv4 } from '@stack/ipv4';
import { loopback } from '@stack/loopback';
import { arp } from '@stack/neigh';
import { netdev } from '@stack/netdev';
import { netfilter } from '@stack/netfilter';
import { EADDRINUSE, EAGAIN, EDESTADDRREQ, EINVAL } from '@stack/plugin';
import { pfifoFast } from '@stack/qdisc';
import { EPOLLIN, InetProtosws, MsgHdr, SOCK_DGRAM, sockets, type Sock } from '@stack/sock';
import { ipNumber, machine, testHost } from '@stack/testing';
import { expect, test } from 'vitest';
import { IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP, udp } from '../src/index.ts';

function pingHost() {
  const lab = machine({ seed: 7 });
  const host = testHost(lab, 'alice', [
    netdev(), pfifoFast(), loopback(), arp(), netfilter(), ipv4(), sockets(), udp(),
  ]); // prettier-ignore
  const open = (): Sock => host.get(InetProtosws).find(SOCK_DGRAM, IPPROTO_ICMP)!.create();
  return { host, clock: lab.clock, open, ip: host.get(Ipv4) };
}

/** Type, code, checksum, identifier, sequence number, data. */
const echo = (sequence: number, text: string): Uint8Array =>
  Uint8Array.of(8, 0, 0xde, 0xad, 0xff, 0xff, sequence >> 8, sequence, ...new TextEncoder().encode(text));

const to = (address: string): MsgHdr => Object.assign(new MsgHdr(), { address: ipNumber(address) });

test('an echo request goes out with the identifier of the socket, and the reply comes in', () => {
  const { clock, open, ip } = pingHost();
  const sk = open();
  const request = echo(258, 'are you there?');
  expect(sk.proto.sendmsg(sk, request, 0, request.length, 0, to('127.0.0.1'))).toBe(request.length);
  clock.drain();
  expect(sk.proto.poll(sk) & EPOLLIN).toBe(EPOLLIN);
  const into = new Uint8Array(100);
  const msg = new MsgHdr();
  const length = sk.proto.recvmsg(sk, into, 0, 100, 0, msg);
  expect(length).toBe(request.length);
  expect([into[0], into[1], (into[4] << 8) | into[5]]).toEqual([0, 0, sk.boundPort]);
  expect(into.subarray(6, length)).toEqual(request.subarray(6));
  expect([msg.address, msg.port]).toEqual([ipNumber('127.0.0.1'), 0]);
  expect(sk.proto.recvmsg(sk, into, 0, 100, 0, msg)).toBe(-EAGAIN);
  expect(ip.icmp.mib.nonZero()).toMatchObject({
    IcmpOutEchos: 1,
    IcmpInEchos: 1,
    IcmpOutEchoReps: 1,
    IcmpInEchoReps: 1,
  });
  const id = sk.boundPort;
  expect(ip.icmp.listener(id)).toBe(sk);
  sk.proto.close(sk);
  expect(ip.icmp.listener(id)).toBeNull();
});

test('each socket gets the replies to its own requests', () => {
  const { clock, open } = pingHost();
  const [one, two] = [open(), open()];
  for (const sk of [one, two]) sk.proto.connect(sk, ipNumber('127.0.0.1'), 0);
  expect(one.boundPort).not.toBe(two.boundPort);
  const request = echo(1, 'x');
  one.proto.sendmsg(one, request, 0, request.length, 0, null);
  clock.drain();
  expect([one.receiveQueue.length, two.receiveQueue.length]).toEqual([1, 0]);
});

test('what a ping socket refuses', () => {
  const { open } = pingHost();
  const [one, two] = [open(), open()];
  const request = echo(1, 'x');
  expect(one.proto.bind(one, 0, 77)).toBe(0);
  expect(two.proto.bind(two, 0, 77)).toBe(-EADDRINUSE);
  expect(one.proto.sendmsg(one, request, 0, request.length, 0, null)).toBe(-EDESTADDRREQ);
  expect(one.proto.sendmsg(one, request, 0, 7, 0, to('127.0.0.1'))).toBe(-EINVAL);
  expect(one.proto.sendmsg(one, Uint8Array.of(0, ...request), 0, 9, 0, to('127.0.0.1'))).toBe(-EINVAL);
});

test('a group is joined on a device once, and left when the socket closes', () => {
  const { host, open, ip } = pingHost();
  const udpSock = host.get(InetProtosws).find(SOCK_DGRAM, 17)!.create();
  const group = ipNumber('224.1.2.3');
  const lo = ip.core.devices.get('lo')!;
  const joined = (): boolean =>
    ip.addresses().some(() => (lo.ipPtr as { groups: Map<number, number> }).groups.has(group));
  const request = Uint8Array.of(224, 1, 2, 3, 127, 0, 0, 1);
  const set = (sk: Sock, name: number): number => sk.proto.setsockopt(sk, 0, name, request);
  expect([set(udpSock, IP_ADD_MEMBERSHIP), set(udpSock, IP_ADD_MEMBERSHIP), joined()]).toEqual([0, -EADDRINUSE, true]);
  const other = open();
  expect(set(other, IP_ADD_MEMBERSHIP)).toBe(0);
  expect(set(udpSock, IP_DROP_MEMBERSHIP)).toBe(0);
  expect(joined()).toBe(true);
  other.proto.close(other);
  expect(joined()).toBe(false);
  expect(udpSock.proto.setsockopt(udpSock, 0, IP_ADD_MEMBERSHIP, 5)).toBe(-EINVAL);
});
