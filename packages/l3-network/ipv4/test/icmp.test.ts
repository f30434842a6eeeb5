import { MSEC, SEC } from '@stack/clock';
import { parseIpv4 } from '@stack/ipv4';
import { neighAdd } from '@stack/neigh';
import { NF_ACCEPT, NF_INET_LOCAL_OUT } from '@stack/netfilter';
import { parseEthAddress } from '@stack/netdev';
import { DropReason, icmp, skbCopyToBytes } from '@stack/skb';
import { icmpFrame, ipv4Frame, machine, udpFrame, type IcmpFields } from '@stack/testing';
import { EMSGSIZE, ENETUNREACH } from '@stack/plugin';
import { expect, test } from 'vitest';
import { connect, Station } from './network.ts';
import { listen, pattern } from './transport.ts';

const ME = { macDestination: '02:00:00:00:00:02', source: '10.0.0.1', destination: '10.0.0.2' };

/** bob, who knows alice's address; the test is alice. */
function setup() {
  const bob = new Station(machine(), 'bob');
  const wire = bob.wire('02:00:00:00:00:02', '10.0.0.2/24');
  neighAdd(bob.net.arp.table, parseIpv4('10.0.0.1'), wire.dev, parseEthAddress('02:00:00:00:00:01'));
  const hear = (fields: IcmpFields): void => wire.receive(icmpFrame({ ...ME, ...fields }));
  return { bob, net: bob.net, wire, hear, counts: bob.net.icmp.mib };
}

test('an echo request is answered with the same identifier, sequence and data, from the address that was asked', () => {
  const { wire, hear, counts } = setup();
  hear({ type: 8, rest: 0x12340007, payload: pattern(56), tos: 0x10, id: 99 });
  const [reply] = wire.take();
  expect(reply).toMatchObject({
    eth: { destination: '02:00:00:00:00:01' },
    ip: { source: '10.0.0.2', destination: '10.0.0.1', ttl: 64, tos: 0x10, checksumOk: true, totalLength: 84 },
    icmp: { type: 0, code: 0, rest: 0x12340007, checksumOk: true },
  });
  expect(reply.payload).toEqual(pattern(56));
  expect(counts.nonZero()).toEqual({ IcmpInMsgs: 1, IcmpInEchos: 1, IcmpOutMsgs: 1, IcmpOutEchoReps: 1 });
});

test.each([0, 1, 7, 255, 1472])('echoes of %d bytes have a right checksum, whatever is in them', (size) => {
  const { wire, hear } = setup();
  for (const byte of [0, 0xff, 0x55]) {
    hear({ type: 8, payload: new Uint8Array(size).fill(byte) });
    expect(wire.take()).toMatchObject([{ icmp: { type: 0, checksumOk: true } }]);
  }
});

test('an echo larger than the link comes and goes in fragments', () => {
  const lab = machine();
  const alice = new Station(lab, 'alice');
  const bob = new Station(lab, 'bob');
  connect(alice.wire('02:00:00:00:00:01', '10.0.0.1/24'), bob.wire('02:00:00:00:00:02', '10.0.0.2/24'));
  const replies: Uint8Array[] = [];
  alice.net.icmp.listen(1, {
    reply(skb) {
      const bytes = new Uint8Array(skb.len - icmp.LENGTH);
      skbCopyToBytes(skb, icmp.LENGTH, bytes, 0, bytes.length);
      replies.push(bytes);
    },
    error: () => {},
  });
  const send = (size: number): number => {
    const result = alice.net.ping({ daddr: parseIpv4('10.0.0.2'), id: 1, sequence: 1, payload: pattern(size) });
    lab.clock.drain();
    return result;
  };
  expect(send(60_000)).toBe(0);
  expect(replies).toEqual([pattern(60_000)]);
  expect(bob.net.mib.nonZero()).toMatchObject({ IpReasmOKs: 1, IpFragOKs: 1 });
  expect(send(65_508)).toBe(-EMSGSIZE);
});

test('the host can be told not to answer, and does not answer questions to everybody', () => {
  const { net, wire, hear } = setup();
  const toAll = { type: 8, destination: '10.0.0.255', macDestination: 'ff:ff:ff:ff:ff:ff' };
  hear(toAll);
  expect(wire.take()).toEqual([]);
  net.sysctl.icmpEchoIgnoreBroadcasts = false;
  hear(toAll);
  expect(wire.take()).toMatchObject([{ ip: { source: '10.0.0.2' }, icmp: { type: 0 } }]);
  net.sysctl.icmpEchoIgnoreAll = true;
  hear({ type: 8 });
  expect(wire.take()).toEqual([]);
});

test('a time stamp request is answered with the time since midnight', () => {
  const { bob, wire, hear } = setup();
  bob.lab.clock.runFor(90 * SEC + 250 * MSEC);
  hear({ type: 13, rest: 5, payload: Uint8Array.of(0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0) });
  const [reply] = wire.take();
  expect(reply.icmp).toEqual({ type: 14, code: 0, rest: 5, checksumOk: true });
  expect(Array.from({ length: 3 }, (_, i) => new DataView(reply.payload.slice().buffer).getUint32(4 * i))).toEqual([
    9, 90_250, 90_250,
  ]);
});

test('messages with a wrong checksum, cut ones and unknown types are dropped', () => {
  const { bob, hear, wire, counts } = setup();
  wire.receive(icmpFrame({ ...ME, type: 8 }).with(36, 1));
  wire.receive(ipv4Frame(1, Uint8Array.of(0xff, 0xff), ME));
  hear({ type: 44 });
  const drops = bob.core.pool.drops;
  expect([drops[DropReason.ICMP_CSUM], drops[DropReason.PKT_TOO_SMALL], drops[DropReason.UNHANDLED_PROTO]]).toEqual([
    1, 1, 1,
  ]);
  expect(counts.nonZero()).toEqual({ IcmpInMsgs: 3, IcmpInErrors: 3, IcmpInCsumErrors: 1 });
});

/** An error of 10.0.0.1 about a packet from us. */
function errorAbout(type: number, code: number, rest: number, quoted: Uint8Array): IcmpFields {
  return { type, code, rest, payload: quoted };
}

const quotedUdp = udpFrame({
  source: '10.0.0.2',
  destination: '10.0.0.1',
  sourcePort: 5,
  destinationPort: 6,
  payload: 'hello',
}).subarray(14, 42);

test.each<[string, number, number, number, number]>([
  ['port unreachable', 3, 3, 0, 0],
  ['host unreachable', 3, 1, 0, 0],
  ['fragmentation needed', 3, 4, 1234, 1234],
  ['time exceeded', 11, 0, 0, 0],
  ['parameter problem', 12, 0, 20 << 24, 20],
  ['source quench', 4, 0, 0, 0],
])('%s reaches the protocol of the packet it is about', (_what, type, code, rest, info) => {
  const { bob, hear } = setup();
  const { told } = listen(bob);
  hear(errorAbout(type, code, rest, quotedUdp));
  expect(told).toEqual([{ type, code, info, about: '10.0.0.1' }]);
});

test.each<[string, Uint8Array]>([
  ['too short', quotedUdp.subarray(0, 27)],
  ['with a header of four words', quotedUdp.with(0, 0x44)],
  ['to a broadcast address', quotedUdp.with(19, 255)],
])('an error that quotes a packet %s is not believed', (_what, quoted) => {
  const { bob, hear } = setup();
  const { told } = listen(bob);
  hear(errorAbout(3, 3, 0, quoted));
  expect(told).toEqual([]);
});

test('with path MTU discovery off, MTUs of others are not believed', () => {
  const { bob, net, hear } = setup();
  const { told } = listen(bob);
  net.sysctl.ipNoPmtuDisc = 2;
  hear(errorAbout(3, 4, 600, quotedUdp));
  expect(told).toEqual([]);
});

test('an error quotes the header and as much of the packet as 576 bytes hold, with the precedence of control traffic', () => {
  const { wire } = setup();
  const packet = ipv4Frame(99, pattern(1000), { ...ME, tos: 0x1c });
  wire.receive(packet);
  const [error] = wire.take();
  expect(error).toMatchObject({
    ip: { source: '10.0.0.2', destination: '10.0.0.1', tos: 0xdc, totalLength: 576 },
    icmp: { type: 3, code: 2, rest: 0, checksumOk: true },
  });
  expect(error.payload).toEqual(packet.subarray(14, 14 + 548));
});

test.each<[string, () => Uint8Array]>([
  ['a later fragment', () => ipv4Frame(99, pattern(40), { ...ME, fragmentOffset: 8 })],
  [
    'a packet to everybody',
    () => ipv4Frame(99, pattern(40), { ...ME, macDestination: 'ff:ff:ff:ff:ff:ff', destination: '10.0.0.255' }),
  ],
  [
    'a packet in a frame to everybody',
    () => ipv4Frame(99, pattern(40), { ...ME, macDestination: 'ff:ff:ff:ff:ff:ff' }),
  ],
])('nobody is told about %s', (_what, frame) => {
  const { bob, wire, counts } = setup();
  wire.receive(frame());
  expect(wire.take().filter(({ arp }) => arp === undefined)).toEqual([]);
  expect(counts.get('IcmpOutMsgs')).toBe(0);
  bob.net.frags.clear();
});

test('errors are never about errors; but they are about echo requests', () => {
  const { wire, hear, net } = setup();
  net.sysctl.ipForward = true;
  const expiring = { ttl: 1, destination: '10.9.9.9' };
  net.addRoute({ to: '10.9.0.0/16', via: '10.0.0.1' });
  for (const type of [3, 4, 5, 11, 12, 44]) hear({ ...expiring, type });
  expect(wire.take()).toEqual([]);
  hear({ ...expiring, type: 8 });
  expect(wire.take()).toMatchObject([{ icmp: { type: 11, code: 0 } }]);
});

test('one host gets six errors at once, then one a second', () => {
  const { bob, wire, counts } = setup();
  const strange = ipv4Frame(99, pattern(40), ME);
  bob.lab.clock.runFor(10 * SEC);
  for (let i = 0; i < 20; i++) wire.receive(strange);
  expect(wire.take()).toHaveLength(6);
  expect(counts.get('IcmpOutRateLimitHost')).toBe(14);
  bob.lab.clock.runFor(2 * SEC);
  for (let i = 0; i < 20; i++) wire.receive(strange);
  expect(wire.take()).toHaveLength(2);
});

test('all hosts together get a burst of fifty, then a thousand a second', () => {
  const { bob, net, wire, counts } = setup();
  const frames = Array.from({ length: 200 }, (_, i) =>
    ipv4Frame(99, pattern(40), { ...ME, source: `10.0.0.${i + 3}` }),
  );
  for (let i = 0; i < 200; i++)
    neighAdd(net.arp.table, parseIpv4(`10.0.0.${i + 3}`), wire.dev, parseEthAddress('02:00:00:00:00:01'));
  bob.lab.clock.runFor(10 * SEC);
  wire.receive(...frames);
  expect(wire.take()).toHaveLength(50);
  expect(counts.get('IcmpOutRateLimitGlobal')).toBe(150);
  bob.lab.clock.runFor(30 * MSEC);
  wire.receive(...frames.toReversed());
  expect(wire.take()).toHaveLength(30);
});

test('echo replies, and the MTU of the path, have no limit', () => {
  const { wire, hear } = setup();
  for (let i = 0; i < 200; i++) hear({ type: 8, rest: i });
  expect(wire.take()).toHaveLength(200);
});

test('while a message is being sent, no other is', () => {
  const { bob, net, wire, hear, counts } = setup();
  let told = 0;
  net.nf.register({
    name: 'complainer',
    hook: NF_INET_LOCAL_OUT,
    priority: 0,
    fn: (skb) => {
      told++;
      bob.ip.icmpSend(skb, 3, 13, 0);
      return NF_ACCEPT;
    },
  });
  hear({ type: 8 });
  expect(told).toBe(1);
  expect(wire.take()).toMatchObject([{ ip: { destination: '10.0.0.1' }, icmp: { type: 0 } }]);
  expect(counts.get('IcmpOutMsgs')).toBe(1);
});

test('who pings hears replies and errors with his identifier alone', () => {
  const { net, hear } = setup();
  const heard: string[] = [];
  const undo = net.icmp.listen(7, {
    reply: (skb) => heard.push(`reply ${icmp.sequence(skb)}`),
    error: (type, code, from, sequence) =>
      heard.push(`error ${type} ${code} ${from === parseIpv4('10.0.0.1')} ${sequence}`),
  });
  expect(() => net.icmp.listen(7, { reply: () => {}, error: () => {} })).toThrow(
    expect.objectContaining({ code: 'ERR_STACK_PING_TAKEN' }),
  );
  const request = (id: number) =>
    icmpFrame({ source: '10.0.0.2', destination: '10.9.9.9', type: 8, rest: (id << 16) | 3 }).subarray(14);
  hear({ type: 0, rest: (7 << 16) | 1 });
  hear({ type: 0, rest: (8 << 16) | 2 });
  hear(errorAbout(11, 0, 0, request(7)));
  hear(errorAbout(11, 0, 0, request(8)));
  expect(heard).toEqual(['reply 1', 'error 11 0 true 3']);
  undo();
  hear({ type: 0, rest: (7 << 16) | 1 });
  expect(heard).toHaveLength(2);
});

test('a ping without a route fails at once', () => {
  const { net } = setup();
  expect(net.ping({ daddr: parseIpv4('8.8.8.8'), id: 1, sequence: 1, payload: pattern(1) })).toBe(-ENETUNREACH);
});

test('a redirect is believed of the router in use, for a neighbour that exists', () => {
  const { bob, net, wire, hear } = setup();
  net.addRoute({ to: 'default', via: '10.0.0.1' });
  const via = (): number | undefined =>
    bob.ip.routeOutput({ daddr: parseIpv4('8.8.8.8'), saddr: 0, protocol: 17, tos: 0, mark: 0, oif: 0 })?.gateway;
  const quoted = udpFrame({ source: '10.0.0.2', destination: '8.8.8.8', sourcePort: 5, destinationPort: 6 }).subarray(
    14,
  );
  const redirect = (from: string, to: string): void =>
    hear({ source: from, type: 5, code: 1, rest: parseIpv4(to) >>> 0, payload: quoted });
  redirect('10.0.0.9', '10.0.0.3'); // not our router
  redirect('10.0.0.1', '172.16.0.1'); // not on our network
  redirect('10.0.0.1', '10.0.0.255'); // not a host
  expect(via()).toBe(parseIpv4('10.0.0.1'));
  wire.take();
  redirect('10.0.0.1', '10.0.0.3');
  expect(via()).toBe(parseIpv4('10.0.0.1'));
  expect(wire.take()).toMatchObject([{ arp: { operation: 'request', targetIp: '10.0.0.3' } }]);
  neighAdd(net.arp.table, parseIpv4('10.0.0.3'), wire.dev, parseEthAddress('02:00:00:00:00:03'));
  redirect('10.0.0.1', '10.0.0.3');
  expect(via()).toBe(parseIpv4('10.0.0.3'));
});
