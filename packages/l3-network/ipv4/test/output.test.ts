import { NET_XMIT_CN } from '@stack/netdev';
import {
  EgressPrograms,
  IP_PMTUDISC_DO,
  IP_PMTUDISC_DONT,
  IP_PMTUDISC_INTERFACE,
  IP_PMTUDISC_OMIT,
  IP_PMTUDISC_PROBE,
  parseIpv4,
} from '@stack/ipv4';
import { NF_DROP, NF_DROP_ERR, NF_INET_LOCAL_OUT, NF_INET_POST_ROUTING, NF_STOLEN } from '@stack/netfilter';
import { neighAdd } from '@stack/neigh';
import { parseEthAddress } from '@stack/netdev';
import { EACCES, EHOSTUNREACH, EMSGSIZE, EPERM } from '@stack/plugin';
import { DropReason, SKBTX_SCHED_TSTAMP, ip, SKB_GSO_TCPV4, type SkBuff } from '@stack/skb';
import { machine, type DecodedFrame } from '@stack/testing';
import { expect, test } from 'vitest';
import { Station } from './network.ts';
import { fakeSock, pattern, segment } from './transport.ts';

/** A host that knows its neighbour 10.0.0.2, so that packets leave at once. */
function setup(mtu = 1500) {
  const alice = new Station(machine(), 'alice');
  const wire = alice.wire('02:00:00:00:00:01', '10.0.0.1/24');
  wire.dev.mtu = mtu;
  neighAdd(alice.net.arp.table, parseIpv4('10.0.0.2'), wire.dev, parseEthAddress('02:00:00:00:00:02'));
  const queue = (fields = {}, size = 100): { result: number; sent: DecodedFrame[] } => {
    const result = alice.ip.queueXmit(fakeSock('10.0.0.1', '10.0.0.2', fields), segment(alice, size));
    return { result, sent: wire.take() };
  };
  return { alice, net: alice.net, wire, queue };
}

test('a header has version 4, five words, the total length, TTL 64, DF and a right checksum', () => {
  const { queue } = setup();
  const { result, sent } = queue();
  expect(result).toBe(0);
  expect(sent).toHaveLength(1);
  expect(sent[0].eth).toEqual({ destination: '02:00:00:00:00:02', source: '02:00:00:00:00:01', type: 0x0800 });
  expect(sent[0].ip).toEqual({
    source: '10.0.0.1',
    destination: '10.0.0.2',
    protocol: 17,
    tos: 0,
    id: 0,
    ttl: 64,
    dontFragment: true,
    moreFragments: false,
    fragmentOffset: 0,
    headerLength: 20,
    totalLength: 120,
    checksumOk: true,
  });
});

test("the DS field with its ECN bits, and the TTL, are the socket's", () => {
  const { queue } = setup();
  expect(queue({ tos: 0xb8 | 2, ttl: 3 }).sent[0].ip).toMatchObject({ tos: 0xba, ttl: 3 });
});

test('path MTU discovery decides on DF: want, do, probe and none', () => {
  const { queue } = setup();
  const df = (pmtudisc: number): boolean | undefined => queue({ pmtudisc }).sent[0].ip?.dontFragment;
  const all = [IP_PMTUDISC_DONT, 1, IP_PMTUDISC_DO, IP_PMTUDISC_PROBE, IP_PMTUDISC_INTERFACE, IP_PMTUDISC_OMIT];
  expect(all.map(df)).toEqual([false, true, true, false, false, false]);
});

test('a connected socket counts its ids, by segments', () => {
  const { alice, wire } = setup();
  const sk = fakeSock('10.0.0.1', '10.0.0.2', { inetId: 0xfffe });
  for (const gsoSegs of [1, 3, 1]) {
    const skb = segment(alice, 10);
    skb.shinfo.gsoSegs = gsoSegs;
    alice.ip.queueXmit(sk, skb);
  }
  expect(wire.take().map((frame) => frame.ip?.id)).toEqual([0xfffe, 0xffff, 2]);
});

test('without DF ids come from shared counters: different, and different for each destination', () => {
  const { queue } = setup();
  const ids = Array.from({ length: 20 }, () => queue({ pmtudisc: IP_PMTUDISC_DONT }).sent[0].ip!.id);
  expect(new Set(ids).size).toBe(20);
  ids.slice(1).forEach((id, i) => expect((id - ids[i]) & 0xffff).toBe(1)); // within one instant
});

test('without a route the packet is dropped and the errno says so', () => {
  const { alice, net } = setup();
  expect(alice.ip.queueXmit(fakeSock('10.0.0.1', '8.8.8.8'), segment(alice, 10))).toBe(-EHOSTUNREACH);
  expect(net.mib.get('IpOutNoRoutes')).toBe(1);
  expect(alice.core.pool.drops[DropReason.IP_OUTNOROUTES]).toBe(1);
});

test("hooks of LOCAL_OUT and POST_ROUTING see the packet complete; a drop is the sender's errno", () => {
  const { net, queue } = setup();
  const seen: string[] = [];
  const hook = (point: number, verdict: () => number) =>
    net.nf.register({
      name: 'test',
      hook: point,
      priority: 0,
      fn: (skb, state) => {
        seen.push(`${point} ${state.out?.name} ${ip.totalLength(skb)} ${ip.checkIsRight(skb)}`);
        return verdict();
      },
    });
  let verdict = 1;
  hook(NF_INET_LOCAL_OUT, () => 1);
  hook(NF_INET_POST_ROUTING, () => verdict);
  expect(queue().sent).toHaveLength(1);
  expect(seen).toEqual([`${NF_INET_LOCAL_OUT} eth0 120 true`, `${NF_INET_POST_ROUTING} eth0 120 true`]);
  verdict = NF_DROP;
  expect(queue()).toEqual({ result: -EPERM, sent: [] });
  verdict = NF_DROP_ERR(EACCES);
  expect(queue()).toEqual({ result: -EACCES, sent: [] });
});

test('a hook that steals at LOCAL_OUT leaves the sender content', () => {
  const { net, queue } = setup();
  const stolen: SkBuff[] = [];
  net.nf.register({ name: 'thief', hook: NF_INET_LOCAL_OUT, priority: 0, fn: (skb) => (stolen.push(skb), NF_STOLEN) });
  expect(queue()).toEqual({ result: 0, sent: [] });
  stolen[0].consume();
});

test('egress programs let pass, tell of congestion, or drop', () => {
  const { alice, queue } = setup();
  const programs = alice.host.get(EgressPrograms);
  let answer = 0;
  const undo = programs.add((skb) => (expect(skb.u8(0)).toBe(0x45), answer));
  expect(queue()).toMatchObject({ result: 0, sent: [{}] });
  answer = NET_XMIT_CN;
  expect(queue()).toMatchObject({ result: NET_XMIT_CN, sent: [{}] });
  answer = -EPERM;
  expect(queue()).toEqual({ result: -EPERM, sent: [] });
  expect(alice.core.pool.drops[DropReason.BPF_CGROUP_EGRESS]).toBe(1);
  undo();
  expect(queue().result).toBe(0);
});

test('a packet that cannot be sent on the path comes back as an ICMP error with the MTU, to ourselves', () => {
  const { alice, net, queue } = setup(600);
  const told: number[] = [];
  net.protocols.add(17, {
    name: 'udp',
    netnsOk: true,
    noPolicy: true,
    handler: (skb) => (skb.consume(), 0),
    errHandler: (skb, type, code, info) => told.push(type, code, info, skb.u16(2)),
  });
  const { result, sent } = queue({}, 1000);
  expect(result).toBe(-EMSGSIZE);
  expect(sent).toEqual([]);
  alice.lab.clock.drain();
  expect(told).toEqual([3, 4, 600, 1020]);
  expect(net.mib.get('IpFragFails')).toBe(1);
});

test('segments of a large packet need to fit, not the packet', () => {
  const { alice, wire } = setup();
  const large = (gsoSize: number) => {
    const skb = segment(alice, 20 + 4000);
    skb.resetTransportHeader();
    skb.setU16(12, 5 << 12);
    skb.shinfo.gsoSize = gsoSize;
    skb.shinfo.gsoSegs = Math.ceil(4000 / gsoSize);
    skb.shinfo.gsoType = SKB_GSO_TCPV4;
    return alice.ip.queueXmit(fakeSock('10.0.0.1', '10.0.0.2', { protocol: 6 }), skb);
  };
  expect(large(1460)).toBe(0);
  expect(wire.take().map((frame) => frame.ip?.totalLength)).toEqual([1500, 1500, 1120]);
});

test('segments that do not fit are cut here and fragmented, if they may be', () => {
  const { alice, wire } = setup(1000);
  const skb = segment(alice, 20 + 2920);
  skb.resetTransportHeader();
  skb.setU16(12, 5 << 12);
  skb.shinfo.gsoSize = 1460;
  skb.shinfo.gsoSegs = 2;
  skb.shinfo.gsoType = SKB_GSO_TCPV4;
  const sk = fakeSock('10.0.0.1', '10.0.0.2', { protocol: 6, pmtudisc: IP_PMTUDISC_DONT });
  expect(alice.ip.queueXmit(sk, skb)).toBe(0);
  const sent = wire.take().map((frame) => frame.ip!);
  expect(sent.map(({ totalLength, fragmentOffset }) => [totalLength, fragmentOffset])).toEqual([
    [996, 0],
    [524, 976],
    [996, 0],
    [524, 976],
  ]);
  expect(sent[2].id).toBe(sent[0].id + 1);
});

test('a datagram with a limit on its size: fits, is fragmented, or is refused', () => {
  const { alice, wire } = setup();
  const send = (size: number, fields = {}): number => {
    const sk = fakeSock('10.0.0.1', '10.0.0.2', fields);
    const route = alice.ip.routeOutput({ daddr: sk.daddr, saddr: sk.saddr, protocol: 17, tos: 0, mark: 0, oif: 0 })!;
    return alice.ip.sendDatagram(sk, segment(alice, size), route, sk.saddr, sk.daddr, 5, 0x10);
  };
  expect(send(1480)).toBe(0);
  expect(wire.take()).toMatchObject([{ ip: { dontFragment: true, totalLength: 1500, ttl: 5, tos: 0x10 } }]);
  expect(send(1481)).toBe(0);
  expect(wire.take()).toMatchObject([
    { ip: { dontFragment: false, moreFragments: true, totalLength: 1500 } },
    { ip: { fragmentOffset: 1480, totalLength: 21 } },
  ]);
  expect(send(1481, { pmtudisc: IP_PMTUDISC_DO })).toBe(-EMSGSIZE);
  expect(send(65_515)).toBe(0);
  expect(wire.take()).toHaveLength(45);
  expect(send(65_516)).toBe(-EMSGSIZE);
  expect(wire.take()).toEqual([]);
});

test('the time of a fragmented datagram is that of its first fragment', () => {
  const { alice, wire } = setup();
  const told: number[] = [];
  const sk = Object.assign(fakeSock('10.0.0.1', '10.0.0.2'), {
    tstampTx: (skb: SkBuff) => void told.push(ip.fragOff(skb) & ip.OFFSET_MASK),
  });
  const route = alice.ip.routeOutput({ daddr: sk.daddr, saddr: sk.saddr, protocol: 17, tos: 0, mark: 0, oif: 0 })!;
  const skb = segment(alice, 4000);
  skb.sk = sk;
  skb.shinfo.txFlags = SKBTX_SCHED_TSTAMP;
  expect(alice.ip.sendDatagram(sk, skb, route, sk.saddr, sk.daddr, 5, 0)).toBe(0);
  expect([wire.take().length, told]).toEqual([3, [0]]);
});

test('a segment without a socket of its own goes along the given route', () => {
  const { alice, wire } = setup();
  const sk = fakeSock('', '0.0.0.0', { protocol: 6, ttl: 9 });
  const [here, there] = [parseIpv4('10.0.0.1'), parseIpv4('10.0.0.2')];
  const route = alice.ip.routeOutput({ daddr: there, saddr: here, protocol: 6, tos: 0, mark: 0, oif: 0 })!;
  expect(alice.ip.buildAndSendPkt(segment(alice, pattern(20).with(12, 0x50)), sk, route, here, there, 2)).toBe(0);
  expect(wire.take()).toMatchObject([
    {
      ip: { source: '10.0.0.1', destination: '10.0.0.2', ttl: 9, tos: 2, dontFragment: true, id: 0, checksumOk: true },
    },
  ]);
});

test('counters of what went out', () => {
  const { net, queue } = setup();
  queue({}, 100);
  queue({}, 200);
  expect(net.mib.nonZero()).toEqual({ IpOutRequests: 2, IpOutTransmits: 2, IpExtOutOctets: 340 });
});
