import { NF_ACCEPT, NF_DROP, NF_INET_LOCAL_IN, NF_INET_PRE_ROUTING } from '@stack/netfilter';
import { parseIpv4, Ipv4 } from '@stack/ipv4';
import { ethTypeTrans, netifReceiveSkbList, SkbList } from '@stack/netdev';
import { DropReason, PLUGIN_FAULT, type DropReasonName, type SkBuff } from '@stack/skb';
import { ipv4Frame, machine, udpFrame, type Ipv4Fields } from '@stack/testing';
import { installTracer } from '@stack/trace';
import { expect, test } from 'vitest';
import { Station } from './network.ts';
import { listen, pattern } from './transport.ts';

const ME = { macDestination: '02:00:00:00:00:02', destination: '10.0.0.2', source: '10.0.0.1' };

function setup({ strict = true } = {}) {
  const bob = new Station(machine(), 'bob', [], { strict });
  const wire = bob.wire('02:00:00:00:00:02', '10.0.0.2/24');
  const udp = listen(bob);
  const hear = (fields: Ipv4Fields = {}, payload = pattern(30)) =>
    wire.receive(ipv4Frame(17, payload, { ...ME, ...fields }));
  const drops = (reason: DropReasonName): number => bob.core.pool.drops[DropReason[reason]];
  return { bob, net: bob.net, wire, udp, hear, drops };
}

test('a packet for us reaches its protocol without its header and without padding', () => {
  const { wire, udp } = setup();
  const frame = ipv4Frame(17, pattern(10), { ...ME, tos: 0x2e, ttl: 7 });
  const padded = new Uint8Array(60);
  padded.set(frame);
  wire.receive(padded);
  expect(udp.got).toEqual([{ source: '10.0.0.1', destination: '10.0.0.2', payload: pattern(10), ttl: 7, tos: 0x2e }]);
});

/** Changes bytes of the IP header and makes the checksum right again. */
function spoiled(change: (header: Uint8Array) => void): Uint8Array {
  const frame = ipv4Frame(17, pattern(30), ME);
  const header = frame.subarray(14, 34);
  change(header);
  header.set([0, 0], 10);
  let sum = 0;
  for (let i = 0; i < 20; i += 2) sum += (header[i] << 8) | header[i + 1];
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
  header.set([sum >>> 8, sum & 0xff], 10);
  return frame;
}

test.each<[string, Uint8Array, DropReasonName, string]>([
  ['version 6', spoiled((header) => (header[0] = 0x65)), 'IP_INHDR', 'IpInHdrErrors'],
  ['four words of header', spoiled((header) => (header[0] = 0x44)), 'IP_INHDR', 'IpInHdrErrors'],
  ['a total length below the header', spoiled((header) => (header[3] = 19)), 'IP_INHDR', 'IpInHdrErrors'],
  ['a total length above the frame', spoiled((header) => (header[3] = 51)), 'PKT_TOO_SMALL', 'IpExtInTruncatedPkts'],
  ['a wrong checksum', ipv4Frame(17, pattern(30), ME).with(24, 1), 'IP_CSUM', 'IpExtInCsumErrors'],
  ['nine bytes', ipv4Frame(17, pattern(30), ME).subarray(0, 23), 'IP_INHDR', 'IpInHdrErrors'],
])('%s is no packet', (_what, frame, reason, counter) => {
  const { net, wire, udp, drops } = setup();
  wire.receive(frame);
  expect(udp.got).toEqual([]);
  expect(drops(reason)).toBe(1);
  expect(net.mib.nonZero()).toMatchObject({ IpInReceives: 1, [counter]: 1 });
});

test.each<[string, Ipv4Fields, DropReasonName]>([
  ['another host on the link', { macDestination: '02:00:00:00:00:77' }, 'OTHERHOST'],
  ['another address', { destination: '10.0.0.77' }, 'IP_INADDRERRORS'],
  ['a group nobody joined', { destination: '239.1.1.1', macDestination: '01:00:5e:01:01:01' }, 'IP_INVALID_DEST'],
  ['a network of ours far away', { destination: '0.0.0.5' }, 'IP_INVALID_DEST'],
  ['127.0.0.1 from outside', { destination: '127.0.0.1' }, 'IP_LOCALNET'],
])('a packet for %s is dropped', (_what, fields, reason) => {
  const { udp, hear, drops } = setup();
  hear(fields);
  expect(udp.got).toEqual([]);
  expect(drops(reason)).toBe(1);
});

test.each<[string, DropReasonName]>([
  ['10.0.0.2', 'IP_LOCAL_SOURCE'],
  ['127.0.0.1', 'IP_LOCALNET'],
  ['224.0.0.1', 'IP_INVALID_SOURCE'],
  ['255.255.255.255', 'IP_INVALID_SOURCE'],
  ['0.1.2.3', 'IP_INVALID_SOURCE'],
])('nobody can send from %s', (source, reason) => {
  const { udp, hear, drops, net } = setup();
  hear({ source });
  expect(udp.got).toEqual([]);
  expect(drops(reason)).toBe(1);
  expect(net.stats.inMartianSrc).toBe(1);
});

test('a source that is reached otherwise passes, unless the reverse path filter is on', () => {
  const { bob, net, udp, hear, drops } = setup();
  bob.wire('02:00:00:00:00:03', '10.1.0.2/24');
  hear({ source: '10.1.0.9' });
  hear({ source: '8.8.8.8' });
  expect(udp.got).toHaveLength(2);
  net.sysctl.rpFilter = 2;
  hear({ source: '10.1.0.9' });
  expect(udp.got).toHaveLength(3);
  hear({ source: '8.8.8.8' });
  net.sysctl.rpFilter = 1;
  hear({ source: '10.1.0.9' });
  expect(udp.got).toHaveLength(3);
  expect(drops('IP_RPFILTER')).toBe(2);
  expect(net.mib.get('TcpExtIPReversePathFilter')).toBe(2);
  hear({ source: '10.0.0.9' });
  expect(udp.got).toHaveLength(4);
});

test('packets to everybody, and to groups we joined, come in and are counted', () => {
  const { net, wire, udp, hear } = setup();
  hear({ destination: '255.255.255.255', macDestination: 'ff:ff:ff:ff:ff:ff' });
  hear({ destination: '10.0.0.255', macDestination: 'ff:ff:ff:ff:ff:ff' });
  hear({ destination: '255.255.255.255', macDestination: 'ff:ff:ff:ff:ff:ff', source: '0.0.0.0' });
  expect(net.joinGroup(wire.dev, parseIpv4('239.1.1.1'))).toBe(0);
  expect(wire.dev.multicast).toContain('01005e010101');
  hear({ destination: '239.1.1.1', macDestination: '01:00:5e:01:01:01' });
  hear({ destination: '224.0.0.1', macDestination: '01:00:5e:00:00:01' });
  expect(udp.got.map(({ destination }) => destination)).toEqual([
    '255.255.255.255',
    '10.0.0.255',
    '255.255.255.255',
    '239.1.1.1',
    '224.0.0.1',
  ]);
  expect(net.mib.nonZero()).toMatchObject({ IpExtInBcastPkts: 3, IpExtInMcastPkts: 2, IpExtInMcastOctets: 100 });
  expect(net.leaveGroup(wire.dev, parseIpv4('239.1.1.1'))).toBe(0);
  expect(wire.dev.multicast).not.toContain('01005e010101');
  hear({ destination: '239.1.1.1', macDestination: '01:00:5e:01:01:01' });
  expect(udp.got).toHaveLength(5);
});

test('a protocol that nobody has is answered with an ICMP error', () => {
  const { net, wire, drops } = setup();
  wire.receive(ipv4Frame(99, pattern(40), ME));
  expect(drops('IP_NOPROTO')).toBe(1);
  expect(net.mib.get('IpInUnknownProtos')).toBe(1);
  expect(net.icmp.mib.nonZero()).toEqual({ IcmpOutMsgs: 1, IcmpOutDestUnreachs: 1 });
});

test('a protocol number is taken once, by a protocol that keeps its state per host', () => {
  const { net } = setup();
  const protocol = { name: 'mine', netnsOk: true, noPolicy: true, handler: (skb: SkBuff) => (skb.consume(), 0) };
  expect(() => net.protocols.add(17, protocol)).toThrow(expect.objectContaining({ code: 'ERR_STACK_PROTOCOL_TAKEN' }));
  expect(() => net.protocols.add(18, { ...protocol, netnsOk: false })).toThrow(
    expect.objectContaining({ code: 'ERR_STACK_PROTOCOL_NOT_NETNS' }),
  );
  expect(() => net.protocols.add(256, protocol)).toThrow(
    expect.objectContaining({ code: 'ERR_STACK_PROTOCOL_NUMBER' }),
  );
  const undo = net.protocols.add(18, protocol);
  undo();
  net.protocols.add(18, protocol);
});

test('a protocol that throws gives its number back, and the host lives on', () => {
  const { bob, net, wire, drops } = setup({ strict: false });
  const handler = (skb: SkBuff): number => skb.pull(1000);
  net.protocols.add(99, { name: 'mine', netnsOk: true, noPolicy: true, handler });
  wire.receive(ipv4Frame(99, pattern(40), ME));
  expect(net.protocols.get(99)).toBeNull();
  expect(bob.core.pool.drops[PLUGIN_FAULT]).toBe(1);
  expect(bob.host.faults.total).toBe(1);
  wire.receive(ipv4Frame(99, pattern(40), ME));
  expect(drops('IP_NOPROTO')).toBe(1);
});

test('hooks of PRE_ROUTING and LOCAL_IN can stop a packet', () => {
  const { net, udp, hear } = setup();
  const seen: number[] = [];
  let stop = -1;
  for (const hook of [NF_INET_PRE_ROUTING, NF_INET_LOCAL_IN]) {
    net.nf.register({
      name: 'test',
      hook,
      priority: 0,
      fn: (_skb, state) => {
        expect(state.in?.name).toBe('eth0');
        seen.push(state.hook);
        return state.hook === stop ? NF_DROP : NF_ACCEPT;
      },
    });
  }
  hear();
  stop = NF_INET_PRE_ROUTING;
  hear();
  stop = NF_INET_LOCAL_IN;
  hear();
  expect(seen).toEqual([0, 1, 0, 0, 1]);
  expect(udp.got).toHaveLength(1);
});

test('a batch goes through each hook in order and is split where the destination changes', () => {
  const { bob, net, wire, udp } = setup();
  net.addAddress(wire.dev, '10.0.0.3/24');
  const { pool, arena, cpus } = bob.core;
  const make = (mark: number, destination: string): SkBuff => {
    const frame = udpFrame({ ...ME, destination, sourcePort: 1, destinationPort: mark, payload: pattern(mark) });
    const skb = pool.alloc(64 + frame.length)!;
    skb.reserve(64);
    arena.u8.set(frame, skb.put(frame.length));
    skb.protocol = ethTypeTrans(skb, wire.dev);
    return skb;
  };
  const batch = new SkbList();
  ['10.0.0.2', '10.0.0.2', '10.0.0.3', '10.0.0.2'].forEach((to, i) => batch.push(make(i + 1, to)));
  const routed: string[] = [];
  const remove = installTracer({
    hit: (fn, _skb, note) => {
      if (fn === 'ip_sublist_rcv') routed.push(`${fn} ${note}`);
    },
    born: () => {},
  });
  cpus.boot.localBhDisable();
  netifReceiveSkbList(batch);
  cpus.boot.localBhEnable();
  remove();
  expect(routed).toEqual(['ip_sublist_rcv 4']);
  expect(udp.got.map(({ destination, payload }) => `${destination} ${payload.length - 8}`)).toEqual([
    '10.0.0.2 1',
    '10.0.0.2 2',
    '10.0.0.3 3',
    '10.0.0.2 4',
  ]);
  expect(net.stats.inSlowTot).toBe(2);
});

test('a second packet to the same destination needs no lookup of its own', () => {
  const { net, hear, udp } = setup();
  hear();
  hear();
  hear({ source: '10.0.0.9' });
  expect(udp.got).toHaveLength(3);
  expect(net.stats.inSlowTot).toBe(1);
});

test('ECN and octets are counted', () => {
  const { net, hear } = setup();
  for (const tos of [0, 1, 2, 3, 3]) hear({ tos });
  expect(net.mib.nonZero()).toEqual({
    IpInReceives: 5,
    IpInDelivers: 5,
    IpExtInOctets: 250,
    IpExtInNoECTPkts: 1,
    IpExtInECT1Pkts: 1,
    IpExtInECT0Pkts: 1,
    IpExtInCEPkts: 2,
  });
});

test('early demultiplexing gives the packet its route', () => {
  const bob = new Station(machine(), 'bob');
  const wire = bob.wire('02:00:00:00:00:02', '10.0.0.2/24');
  let asked = 0;
  const { got } = listen(bob, 17, { earlyDemux: () => void asked++ });
  wire.receive(ipv4Frame(17, pattern(8), ME));
  bob.host.get(Ipv4).sysctl.ipEarlyDemux = false;
  wire.receive(ipv4Frame(17, pattern(8), ME));
  expect(asked).toBe(1);
  expect(got).toHaveLength(2);
});
