import { parseIpv4, RTN_BROADCAST, RTN_MULTICAST } from '@stack/ipv4';
import { NF_DROP, NF_INET_POST_ROUTING } from '@stack/netfilter';
import { neighAdd } from '@stack/neigh';
import { parseEthAddress } from '@stack/netdev';
import { icmp } from '@stack/skb';
import { machine, tcpFrame, ipv4Frame } from '@stack/testing';
import { SEC } from '@stack/clock';
import { expect, test } from 'vitest';
import { Station } from './network.ts';
import { fakeSock, listen, pattern, segment } from './transport.ts';

function setup() {
  const alice = new Station(machine(), 'alice');
  const wire = alice.wire('02:00:00:00:00:01', '10.0.0.1/24');
  const { got } = listen(alice);
  const flow = (to: string, oif = 0) => ({ daddr: parseIpv4(to), saddr: 0, protocol: 17, tos: 0, mark: 0, oif });
  const send = (to: string, ttl = 1, oif = 0): number => {
    const route = alice.ip.routeOutput(flow(to, oif))!;
    const sk = fakeSock('', to);
    const result = alice.ip.sendDatagram(sk, segment(alice, 20), route, route.source, parseIpv4(to), ttl, 0);
    alice.lab.clock.drain();
    return result;
  };
  return { alice, net: alice.net, wire, got, flow, send };
}

test("to the network's broadcast address: on the wire to all, and to ourselves", () => {
  const { alice, net, wire, got, flow, send } = setup();
  expect(alice.ip.routeOutput(flow('10.0.0.255'))?.type).toBe(RTN_BROADCAST);
  expect(send('10.0.0.255')).toBe(0);
  expect(wire.take()).toMatchObject([
    { eth: { destination: 'ff:ff:ff:ff:ff:ff' }, ip: { destination: '10.0.0.255', source: '10.0.0.1' } },
  ]);
  expect(got).toMatchObject([{ destination: '10.0.0.255', source: '10.0.0.1', payload: pattern(20) }]);
  expect(net.mib.nonZero()).toMatchObject({ IpExtOutBcastPkts: 1, IpExtInBcastPkts: 1 });
});

test('to 255.255.255.255 by a device', () => {
  const { wire, got, send } = setup();
  expect(send('255.255.255.255', 1, wire.dev.ifindex)).toBe(0);
  expect(wire.take()).toMatchObject([
    { eth: { destination: 'ff:ff:ff:ff:ff:ff' }, ip: { destination: '255.255.255.255' } },
  ]);
  expect(got).toHaveLength(1);
});

test('to a group: to ourselves only if we are in it', () => {
  const { alice, net, wire, got, flow, send } = setup();
  expect(alice.ip.routeOutput(flow('239.1.2.3', wire.dev.ifindex))?.type).toBe(RTN_MULTICAST);
  send('239.1.2.3', 1, wire.dev.ifindex);
  expect(wire.take()).toMatchObject([{ eth: { destination: '01:00:5e:01:02:03' }, ip: { source: '10.0.0.1' } }]);
  expect(got).toEqual([]);
  net.joinGroup(wire.dev, parseIpv4('239.1.2.3'));
  send('239.1.2.3', 1, wire.dev.ifindex);
  expect(wire.take()).toHaveLength(1);
  expect(got).toMatchObject([{ destination: '239.1.2.3' }]);
});

test('to a group with TTL 0 nothing leaves the host', () => {
  const { net, wire, got, send } = setup();
  net.joinGroup(wire.dev, parseIpv4('239.1.2.3'));
  expect(send('239.1.2.3', 0, wire.dev.ifindex)).toBe(0);
  expect(wire.take()).toEqual([]);
  expect(got).toHaveLength(1);
});

test('hooks see the packet and its copy', () => {
  const { net, wire, got, send } = setup();
  let seen = 0;
  net.nf.register({ name: 'test', hook: NF_INET_POST_ROUTING, priority: 0, fn: () => (seen++, NF_DROP) });
  expect(send('10.0.0.255')).toBe(-1);
  expect(seen).toBe(2);
  expect(wire.take()).toEqual([]);
  expect(got).toEqual([]);
});

test('who leaves a group twice, or one he is not in, hears of it', () => {
  const { net, wire } = setup();
  const group = parseIpv4('239.1.2.3');
  expect(net.joinGroup(wire.dev, parseIpv4('10.0.0.5'))).toBeLessThan(0);
  net.joinGroup(wire.dev, group);
  net.joinGroup(wire.dev, group);
  expect(net.leaveGroup(wire.dev, group)).toBe(0);
  expect(wire.dev.multicast).toContain('01005e010203');
  expect(net.leaveGroup(wire.dev, group)).toBe(0);
  expect(wire.dev.multicast).not.toContain('01005e010203');
  expect(net.leaveGroup(wire.dev, group)).toBeLessThan(0);
});

test('an answer goes the way back, from the address that was asked, with DF and id 0', () => {
  const { alice, net, wire } = setup();
  neighAdd(net.arp.table, parseIpv4('10.0.0.9'), wire.dev, parseEthAddress('02:00:00:00:00:09'));
  net.addAddress(wire.dev, '10.0.0.3/24');
  net.protocols.add(6, {
    name: 'tcp',
    netnsOk: true,
    noPolicy: true,
    handler(skb) {
      const reply = segment(alice, new Uint8Array(20).with(12, 0x50).with(13, 0x14));
      alice.ip.sendUnicastReply(skb, reply, 6, 0x08);
      skb.consume();
      return 0;
    },
  });
  wire.receive(
    tcpFrame({
      macDestination: '02:00:00:00:00:01',
      source: '10.0.0.9',
      destination: '10.0.0.3',
      sourcePort: 1,
      destinationPort: 2,
      flags: 'S',
    }),
  );
  expect(wire.take()).toMatchObject([
    {
      ip: { source: '10.0.0.3', destination: '10.0.0.9', dontFragment: true, id: 0, tos: 8, ttl: 64, checksumOk: true },
      tcp: { flags: 'R.' },
    },
  ]);
});

test('a router tells a host on the same link of the better next hop; less and less often', () => {
  const { alice, net, wire } = setup();
  net.sysctl.ipForward = true;
  net.addRoute({ to: '10.5.0.0/16', via: '10.0.0.8' });
  for (const host of ['10.0.0.8', '10.0.0.9'])
    neighAdd(net.arp.table, parseIpv4(host), wire.dev, parseEthAddress('02:00:00:00:00:09'));
  const packet = ipv4Frame(17, pattern(30), {
    macDestination: '02:00:00:00:00:01',
    source: '10.0.0.9',
    destination: '10.5.0.1',
    ttl: 9,
  });
  alice.lab.clock.runFor(60 * SEC);
  wire.receive(packet);
  const [redirect, forwarded] = wire.take();
  expect(redirect).toMatchObject({
    ip: { source: '10.0.0.1', destination: '10.0.0.9' },
    icmp: { type: icmp.REDIRECT, code: 1, rest: parseIpv4('10.0.0.8') },
  });
  expect(forwarded).toMatchObject({ ip: { destination: '10.5.0.1', ttl: 8 } });
  let redirects = 0;
  for (let i = 0; i < 2000; i++) {
    alice.lab.clock.runFor(SEC / 10);
    wire.receive(packet);
    redirects += wire.take().filter((frame) => frame.icmp?.type === icmp.REDIRECT).length;
  }
  expect(redirects).toBe(8);
});
