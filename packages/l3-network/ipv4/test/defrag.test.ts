import { MSEC, SEC } from '@stack/clock';
import { IP_PMTUDISC_DONT, parseIpv4 } from '@stack/ipv4';
import { neighAdd } from '@stack/neigh';
import { parseEthAddress } from '@stack/netdev';
import { DropReason, skbClone, type SkBuff } from '@stack/skb';
import { PacketTypes } from '@stack/netdev';
import { ipv4Frame, machine } from '@stack/testing';
import { expect, test } from 'vitest';
import { Station } from './network.ts';
import { fakeSock, listen, pattern, segment } from './transport.ts';

const ME = { macDestination: '02:00:00:00:00:02', source: '10.0.0.1', destination: '10.0.0.2' };

function setup() {
  const bob = new Station(machine(), 'bob');
  const wire = bob.wire('02:00:00:00:00:02', '10.0.0.2/24');
  neighAdd(bob.net.arp.table, parseIpv4('10.0.0.1'), wire.dev, parseEthAddress('02:00:00:00:00:01'));
  const { got } = listen(bob);
  const payload = pattern(96);
  const piece = (offset: number, end: number, fields = {}): void =>
    wire.receive(
      ipv4Frame(17, payload.subarray(offset, end), {
        ...ME,
        id: 7,
        fragmentOffset: offset,
        moreFragments: end < 96,
        ...fields,
      }),
    );
  const run = (ms: number): void => bob.lab.clock.runFor(ms * MSEC);
  return { bob, net: bob.net, wire, got, payload, piece, run };
}

test('one lost fragment loses the datagram: after thirty seconds its sender is told, with the first fragment', () => {
  const { bob, net, wire, got, piece, run } = setup();
  piece(0, 32);
  piece(64, 96);
  run(29_900);
  expect(wire.take()).toEqual([]);
  run(5_000);
  expect(wire.take()).toMatchObject([
    {
      ip: { source: '10.0.0.2', destination: '10.0.0.1', totalLength: 20 + 8 + 20 + 32 },
      icmp: { type: 11, code: 1, checksumOk: true },
    },
  ]);
  expect(got).toEqual([]);
  expect(net.mib.nonZero()).toMatchObject({ IpReasmReqds: 2, IpReasmTimeout: 1, IpReasmFails: 1 });
  expect(bob.core.pool.drops[DropReason.FRAG_REASM_TIMEOUT]).toBe(2);
  expect(bob.core.pool.live).toBe(0);
});

test('without the first fragment nobody is told', () => {
  const { wire, piece, run } = setup();
  piece(32, 96);
  run(35_000);
  expect(wire.take()).toEqual([]);
});

test('fragments of different ids, protocols and hosts are not mixed', () => {
  const { net, got, piece, payload } = setup();
  piece(0, 48);
  piece(48, 96, { id: 8 });
  piece(48, 96, { source: '10.0.0.9' });
  expect(got).toEqual([]);
  expect(net.frags.count).toBe(3);
  piece(48, 96);
  expect(got).toMatchObject([{ payload, source: '10.0.0.1' }]);
  expect(net.frags.count).toBe(2);
});

test('the datagram names its whole length, and is known by the ECN of its fragments', () => {
  const { got, piece } = setup();
  piece(0, 48, { tos: 2 });
  piece(48, 96, { tos: 3 });
  expect(got).toMatchObject([{ tos: 3 }]);
});

test('fragments of which some were marked congested and some incapable of it do not make a datagram', () => {
  const { net, got, piece } = setup();
  piece(0, 48, { tos: 0 });
  piece(48, 96, { tos: 3 });
  expect(got).toEqual([]);
  expect(net.mib.get('IpReasmFails')).toBe(1);
});

test.each<[string, number, number, number, number]>([
  ['begins in the other', 0, 48, 40, 96],
  ['contains the other', 32, 48, 24, 56],
])('a fragment that %s loses the datagram', (_what, from, to, from2, to2) => {
  const { bob, net, piece } = setup();
  piece(from, to);
  piece(from2, to2);
  expect(net.frags.count).toBe(0);
  expect(net.mib.nonZero()).toMatchObject({ IpExtReasmOverlaps: 1, IpReasmFails: 1 });
  expect(bob.core.pool.live).toBe(0);
});

test('a fragment that comes twice is dropped, and the datagram is whole all the same', () => {
  const { bob, got, piece, payload } = setup();
  piece(0, 24);
  piece(24, 48);
  piece(8, 40);
  piece(0, 24);
  expect(bob.core.pool.drops[DropReason.DUP_FRAG]).toBe(2);
  piece(48, 96);
  expect(got).toMatchObject([{ payload }]);
});

test('two last fragments at different ends contradict each other', () => {
  const { net, piece } = setup();
  piece(48, 96);
  piece(0, 8, { fragmentOffset: 104, moreFragments: false });
  expect(net.frags.count).toBe(0);
  piece(48, 96);
  piece(0, 8, { fragmentOffset: 96, moreFragments: true });
  expect(net.frags.count).toBe(0);
});

test('a fragment that would end behind 65,535 bytes is no fragment', () => {
  const { bob, net, wire, got } = setup();
  wire.receive(ipv4Frame(17, pattern(1000), { ...ME, id: 9, fragmentOffset: 65_528, moreFragments: false }));
  for (let at = 0; at < 65_528; at += 1024) {
    const end = Math.min(at + 1024, 65_528);
    wire.receive(ipv4Frame(17, pattern(end - at), { ...ME, id: 9, fragmentOffset: at, moreFragments: true }));
  }
  expect(got).toEqual([]);
  expect(net.mib.get('IpReasmFails')).toBe(1);
  expect(bob.core.pool.live).toBe(0);
});

test('the largest datagram there is', () => {
  const { wire, got } = setup();
  const payload = pattern(65_515);
  for (let at = 0; at < payload.length; at += 1480) {
    const end = Math.min(at + 1480, payload.length);
    wire.receive(
      ipv4Frame(17, payload.subarray(at, end), {
        ...ME,
        id: 9,
        fragmentOffset: at,
        moreFragments: end < payload.length,
      }),
    );
  }
  expect(got.map((each) => each.payload)).toEqual([payload]);
});

test('memory for incomplete datagrams is limited', () => {
  const { bob, net, wire, run } = setup();
  net.sysctl.ipfragHighThresh = 20_000;
  for (let id = 0; id < 50; id++) {
    wire.receive(ipv4Frame(17, pattern(800), { ...ME, id, moreFragments: true }));
  }
  expect(net.frags.mem).toBeLessThan(25_000);
  expect(net.frags.count).toBeLessThan(20);
  expect(bob.core.pool.drops[DropReason.NOMEM]).toBe(50 - net.frags.count);
  run(40_000);
  expect(net.frags.mem).toBe(0);
});

test('when 64 other fragments of a sender came in between, an id is taken to be used again', () => {
  const { bob, wire, got, piece, payload } = setup();
  piece(0, 48);
  for (let id = 100; id < 170; id++) wire.receive(ipv4Frame(17, pattern(8), { ...ME, id, moreFragments: true }));
  piece(48, 96);
  expect(got).toEqual([]);
  expect(bob.core.pool.drops[DropReason.FRAG_TOO_FAR]).toBe(1);
  piece(0, 48);
  expect(got).toMatchObject([{ payload }]);
});

test('fragments that a tap holds too are left as they are', () => {
  const { bob, got, piece, payload } = setup();
  const held: SkBuff[] = [];
  bob.host
    .get(PacketTypes)
    .add({ name: 'tap', type: 3, dev: null, func: (skb) => (held.push(skbClone(skb)), skb.consume(), 0) });
  piece(0, 48);
  piece(48, 96);
  expect(got).toMatchObject([{ payload }]);
  expect(held.map((skb) => [skb.len, skb.dataLen])).toEqual([
    [68, 0],
    [68, 0],
  ]);
  for (const skb of held) skb.consume();
});

test('on its way, a large datagram can be fragmented again, and the fragments of fragments make the same datagram', () => {
  const lab = machine();
  const alice = new Station(lab, 'alice');
  const a = alice.wire('02:00:00:00:00:01', '10.0.0.1/24');
  a.dev.mtu = 1000;
  neighAdd(alice.net.arp.table, parseIpv4('10.0.0.254'), a.dev, parseEthAddress('02:00:00:00:00:fe'));
  alice.net.addRoute({ to: 'default', via: '10.0.0.254' });
  const router = new Station(lab, 'router');
  const r0 = router.wire('02:00:00:00:00:fe', '10.0.0.254/24');
  const r1 = router.wire('02:00:00:00:00:ff', '10.1.0.254/24');
  r1.dev.mtu = 300;
  router.net.sysctl.ipForward = true;
  neighAdd(router.net.arp.table, parseIpv4('10.1.0.2'), r1.dev, parseEthAddress('02:00:00:00:00:02'));
  const bob = new Station(lab, 'bob');
  const b = bob.wire('02:00:00:00:00:02', '10.1.0.2/24');
  const { got } = listen(bob);
  alice.ip.queueXmit(fakeSock('10.0.0.1', '10.1.0.2', { pmtudisc: IP_PMTUDISC_DONT }), segment(alice, 2500));
  const first = a.bytes.splice(0);
  r0.receive(...first);
  const second = r1.bytes.splice(0);
  b.receive(...second);
  expect(first).toHaveLength(3);
  expect(second.length).toBeGreaterThanOrEqual(10);
  expect(got).toMatchObject([{ payload: pattern(2500), ttl: 63 }]);
  expect(router.net.mib.get('IpReasmReqds')).toBe(0);
  lab.clock.runFor(40 * SEC);
});
