import { SEC } from '@stack/clock';
import {
  IP_PMTUDISC_DONT,
  IPOPT_LSRR,
  IPOPT_NOOP,
  IPOPT_RA,
  IPOPT_RR,
  IPOPT_SSRR,
  IPOPT_TIMESTAMP,
  parseIpv4,
} from '@stack/ipv4';
import { neighAdd } from '@stack/neigh';
import { parseEthAddress } from '@stack/netdev';
import { NF_ACCEPT, NF_INET_LOCAL_IN } from '@stack/netfilter';
import { DropReason, ip } from '@stack/skb';
import { ipBytes, ipText, ipv4Frame, machine } from '@stack/testing';
import { expect, test } from 'vitest';
import { Station, type Wire } from './network.ts';
import { fakeSock, listen, pattern, segment } from './transport.ts';

const ME = { macDestination: '02:00:00:00:00:02', source: '10.0.0.1', destination: '10.0.0.2' };
const MAC = parseEthAddress('02:00:00:00:00:99');

function setup() {
  const bob = new Station(machine(), 'bob');
  const wire = bob.wire('02:00:00:00:00:02', '10.0.0.2/24');
  for (const address of ['10.0.0.1', '10.0.0.9']) neighAdd(bob.net.arp.table, parseIpv4(address), wire.dev, MAC);
  const { got } = listen(bob);
  const options: Uint8Array[] = [];
  bob.net.nf.register({
    name: 'look',
    hook: NF_INET_LOCAL_IN,
    priority: 0,
    fn: (skb) => {
      expect(ip.checkIsRight(skb)).toBe(true);
      options.push(skb.arena.u8.slice(skb.networkHeader + 20, skb.networkHeader + ip.headerLength(skb)));
      return NF_ACCEPT;
    },
  });
  const hear = (ipOptions: Uint8Array, fields = {}): void =>
    wire.receive(ipv4Frame(17, pattern(16), { ...ME, ipOptions, ...fields }));
  return { bob, net: bob.net, wire, got, options, hear };
}

const addresses = (...all: string[]): number[] => all.flatMap((address) => [...ipBytes(address)]);

test('the header has fifteen words at most, and its options are not data', () => {
  const { got, hear } = setup();
  hear(new Uint8Array(40).fill(IPOPT_NOOP));
  expect(got).toMatchObject([{ payload: pattern(16) }]);
});

test('record route: we write our address into the next place', () => {
  const { options, hear } = setup();
  hear(Uint8Array.of(IPOPT_RR, 11, 8, ...addresses('10.9.9.9'), 0, 0, 0, 0, 0));
  expect(options).toEqual([Uint8Array.of(IPOPT_RR, 11, 12, ...addresses('10.9.9.9', '10.0.0.2'), 0)]);
});

test('record route that is full stays as it is', () => {
  const { options, hear } = setup();
  const full = Uint8Array.of(IPOPT_RR, 7, 8, ...addresses('10.9.9.9'), 0);
  hear(full);
  expect(options).toEqual([full]);
});

test('time stamps: the time alone, or our address too; when there is no room the overflow counts', () => {
  const { bob, options, hear } = setup();
  bob.lab.clock.runFor(3 * SEC);
  hear(Uint8Array.of(IPOPT_TIMESTAMP, 8, 5, 0, 0, 0, 0, 0));
  hear(Uint8Array.of(IPOPT_TIMESTAMP, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0));
  hear(Uint8Array.of(IPOPT_TIMESTAMP, 8, 9, 0x20, 1, 2, 3, 4));
  expect(options).toEqual([
    Uint8Array.of(IPOPT_TIMESTAMP, 8, 9, 0, 0, 0, 0x0b, 0xb8),
    Uint8Array.of(IPOPT_TIMESTAMP, 12, 13, 1, ...addresses('10.0.0.2'), 0, 0, 0x0b, 0xb8),
    Uint8Array.of(IPOPT_TIMESTAMP, 8, 9, 0x30, 1, 2, 3, 4),
  ]);
});

test('a time stamp for given hosts is filled in only by the host it names', () => {
  const { options, hear } = setup();
  hear(Uint8Array.of(IPOPT_TIMESTAMP, 12, 5, 3, ...addresses('10.7.7.7'), 0, 0, 0, 0));
  hear(Uint8Array.of(IPOPT_TIMESTAMP, 12, 5, 3, ...addresses('10.0.0.2'), 0, 0, 0, 1));
  expect(options.map((option) => option[2])).toEqual([5, 13]);
});

test.each<[string, Uint8Array, number]>([
  ['a length of one', Uint8Array.of(IPOPT_RR, 1, 4, 0), 20],
  ['a length behind the header', Uint8Array.of(IPOPT_RR, 9, 4, 0), 20],
  ['a pointer into itself', Uint8Array.of(IPOPT_NOOP, IPOPT_RR, 7, 2, 0, 0, 0, 0), 23],
  ['record route twice', Uint8Array.of(IPOPT_RR, 3, 4, IPOPT_RR, 3, 4, 0, 0), 23],
  ['a time stamp of an unknown kind', Uint8Array.of(IPOPT_TIMESTAMP, 8, 5, 2, 0, 0, 0, 0), 23],
  ['a time stamp with too many overflows', Uint8Array.of(IPOPT_TIMESTAMP, 8, 9, 0xf0, 0, 0, 0, 0), 23],
])('%s is a parameter problem, and the sender learns where', (_what, option, at) => {
  const { bob, net, wire, got, hear } = setup();
  hear(option);
  expect(got).toEqual([]);
  expect(bob.core.pool.drops[DropReason.IP_INHDR]).toBe(1);
  expect(net.mib.get('IpInHdrErrors')).toBe(1);
  expect(wire.take()).toMatchObject([{ icmp: { type: 12, code: 0, rest: (at << 24) >>> 0 } }]);
});

test('source routes are refused, unless the host is told to accept them', () => {
  const { bob, net, wire, got, hear } = setup();
  const last = Uint8Array.of(IPOPT_LSRR, 7, 8, ...addresses('10.0.0.2'), 0);
  const onward = Uint8Array.of(IPOPT_LSRR, 7, 4, ...addresses('10.0.0.9'), 0);
  hear(last);
  hear(onward);
  expect(got).toEqual([]);
  expect(bob.core.pool.drops[DropReason.IP_INHDR]).toBe(2);
  net.sysctl.acceptSourceRoute = true;
  hear(last);
  expect(got).toHaveLength(1);
  net.sysctl.ipForward = true;
  net.sysctl.sendRedirects = false;
  hear(onward, { ttl: 9 });
  const [bytes] = wire.bytes;
  expect(wire.take()).toMatchObject([{ ip: { destination: '10.0.0.9', ttl: 8, headerLength: 28, checksumOk: true } }]);
  expect(bytes.slice(34, 42)).toEqual(Uint8Array.of(IPOPT_LSRR, 7, 8, ...addresses('10.0.0.2'), 0));
});

test('a router alert is read over by a host', () => {
  const { got, hear } = setup();
  hear(Uint8Array.of(IPOPT_RA, 4, 0, 0));
  expect(got).toHaveLength(1);
});

test('a router records the address that the packet leaves from', () => {
  const { bob, net, hear } = setup();
  const out = bob.wire('02:00:00:00:00:03', '10.1.0.2/24');
  neighAdd(net.arp.table, parseIpv4('10.1.0.7'), out.dev, MAC);
  net.sysctl.ipForward = true;
  hear(Uint8Array.of(IPOPT_RR, 7, 4, 0, 0, 0, 0, 0), { destination: '10.1.0.7' });
  const [bytes] = out.bytes;
  expect(ipText(bytes.slice(37, 41))).toBe('10.1.0.2');
  expect(out.take()).toMatchObject([{ ip: { checksumOk: true } }]);
});

/** What leaves `alice` when she sends with these options. */
function sent(ipOptions: Uint8Array, fields = {}): { wire: Wire; alice: Station } {
  const alice = new Station(machine(), 'alice');
  const wire = alice.wire('02:00:00:00:00:01', '10.0.0.1/24');
  for (const host of ['10.0.0.2', '10.0.0.7']) neighAdd(alice.net.arp.table, parseIpv4(host), wire.dev, MAC);
  alice.ip.queueXmit(fakeSock('10.0.0.1', '10.0.0.2', { ipOptions, ...fields }), segment(alice, 100));
  return { wire, alice };
}

test('a sender records itself, and leads through the stops of a source route to the destination', () => {
  const route = Uint8Array.of(IPOPT_SSRR, 11, 4, ...addresses('10.0.0.7', '10.0.0.8'), IPOPT_NOOP);
  const record = Uint8Array.of(IPOPT_RR, 7, 4, 0, 0, 0, 0, IPOPT_NOOP);
  const { wire } = sent(Uint8Array.of(...route, ...record));
  const options = wire.bytes[0].slice(34, 54);
  expect(wire.take()).toMatchObject([
    { ip: { destination: '10.0.0.7', headerLength: 40, totalLength: 140, checksumOk: true } },
  ]);
  expect(options).toEqual(
    Uint8Array.of(
      ...[IPOPT_SSRR, 11, 4, ...addresses('10.0.0.8', '10.0.0.2'), IPOPT_NOOP],
      ...[IPOPT_RR, 7, 8, ...addresses('10.0.0.1'), IPOPT_NOOP],
    ),
  );
});

test('a sender stamps the time', () => {
  const { wire } = sent(Uint8Array.of(IPOPT_TIMESTAMP, 12, 5, 1, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff));
  expect(wire.bytes[0].slice(34, 46)).toEqual(
    Uint8Array.of(IPOPT_TIMESTAMP, 12, 13, 1, ...addresses('10.0.0.1'), 0, 0, 0, 0),
  );
});

test('the first fragment has all options, those behind only the ones that are copied', () => {
  const alice = new Station(machine(), 'alice');
  const wire = alice.wire('02:00:00:00:00:01', '10.0.0.1/24');
  wire.dev.mtu = 100;
  neighAdd(alice.net.arp.table, parseIpv4('10.0.0.2'), wire.dev, MAC);
  const ipOptions = Uint8Array.of(IPOPT_RR, 7, 4, 0, 0, 0, 0, IPOPT_NOOP, IPOPT_RA, 4, 0, 0);
  const sk = fakeSock('10.0.0.1', '10.0.0.2', { ipOptions, pmtudisc: IP_PMTUDISC_DONT });
  alice.ip.queueXmit(sk, segment(alice, 150));
  const options = wire.bytes.map((frame) => frame.slice(34, 46));
  const behind = Uint8Array.of(...new Array<number>(8).fill(IPOPT_NOOP), IPOPT_RA, 4, 0, 0);
  expect(options).toEqual([
    Uint8Array.of(IPOPT_RR, 7, 8, ...addresses('10.0.0.1'), IPOPT_NOOP, IPOPT_RA, 4, 0, 0),
    behind,
    behind,
  ]);
  expect(wire.take().map((frame) => [frame.ip!.totalLength, frame.ip!.checksumOk])).toEqual([
    [96, true],
    [96, true],
    [54, true],
  ]);
});
