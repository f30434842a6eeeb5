import { SEC } from '@stack/clock';
import { IP_PMTUDISC_DONT, parseIpv4 } from '@stack/ipv4';
import {
  NF_ACCEPT,
  NF_DROP,
  NF_INET_FORWARD,
  NF_INET_LOCAL_IN,
  NF_INET_LOCAL_OUT,
  NF_INET_POST_ROUTING,
  NF_INET_PRE_ROUTING,
} from '@stack/netfilter';
import { DropReason } from '@stack/skb';
import { machine } from '@stack/testing';
import { expect, test } from 'vitest';
import { connect, Station } from './network.ts';
import { fakeSock, listen, pattern, segment } from './transport.ts';

/** alice (10.0.0.1) - router - bob (10.1.0.2). */
function setup() {
  const lab = machine();
  const alice = new Station(lab, 'alice');
  const router = new Station(lab, 'router');
  const bob = new Station(lab, 'bob');
  const a = alice.wire('02:00:00:00:00:0a', '10.0.0.1/24');
  const r0 = router.wire('02:00:00:00:00:f0', '10.0.0.254/24');
  const r1 = router.wire('02:00:00:00:00:f1', '10.1.0.254/24');
  const b = bob.wire('02:00:00:00:00:0b', '10.1.0.2/24');
  connect(a, r0);
  connect(r1, b);
  alice.net.addRoute({ to: 'default', via: '10.0.0.254' });
  bob.net.addRoute({ to: 'default', via: '10.1.0.254' });
  router.net.sysctl.ipForward = true;
  const udp = listen(bob);
  const back = listen(alice);
  const send = (to: string, size = 100, fields = {}): number => {
    const result = alice.ip.queueXmit(fakeSock('10.0.0.1', to, fields), segment(alice, size));
    lab.clock.drain();
    return result;
  };
  return { lab, alice, router, bob, a, b, r0, r1, udp, back, send };
}

test('a router forwards with one hop less, and both ends find their neighbours', () => {
  const { router, b, udp, send } = setup();
  send('10.1.0.2');
  expect(udp.got).toEqual([{ source: '10.0.0.1', destination: '10.1.0.2', payload: pattern(100), ttl: 63, tos: 0 }]);
  expect(router.net.mib.nonZero()).toMatchObject({ IpInReceives: 1, IpForwDatagrams: 1, IpOutTransmits: 1 });
  expect(router.net.mib.get('IpOutRequests')).toBe(0);
  expect(b.take()).toMatchObject([{ arp: { operation: 'reply' } }]);
});

test('a host that does not forward drops what is not for it, in silence', () => {
  const { router, udp, back, send } = setup();
  router.net.sysctl.ipForward = false;
  send('10.1.0.2');
  expect(udp.got).toEqual([]);
  expect(back.told).toEqual([]);
  expect(router.core.pool.drops[DropReason.IP_INADDRERRORS]).toBe(1);
  expect(router.net.mib.get('IpInAddrErrors')).toBe(1);
});

test('at the last hop the sender is told: time exceeded', () => {
  const { router, udp, back, send } = setup();
  send('10.1.0.2', 100, { ttl: 1 });
  expect(udp.got).toEqual([]);
  expect(back.told).toEqual([{ type: 11, code: 0, info: 0, about: '10.1.0.2' }]);
  expect(router.net.icmp.mib.get('IcmpOutTimeExcds')).toBe(1);
  expect(router.core.pool.drops[DropReason.IP_INHDR]).toBe(1);
  send('10.1.0.2', 100, { ttl: 2 });
  expect(udp.got).toMatchObject([{ ttl: 1 }]);
});

test('too large with DF: the sender learns the MTU; without DF the router fragments', () => {
  const { router, r1, udp, back, send } = setup();
  r1.dev.mtu = 576;
  send('10.1.0.2', 1000);
  expect(udp.got).toEqual([]);
  expect(back.told).toEqual([{ type: 3, code: 4, info: 576, about: '10.1.0.2' }]);
  expect(router.core.pool.drops[DropReason.PKT_TOO_BIG]).toBe(1);
  send('10.1.0.2', 1000, { pmtudisc: IP_PMTUDISC_DONT });
  expect(udp.got).toMatchObject([{ payload: pattern(1000) }]);
  expect(router.net.mib.nonZero()).toMatchObject({ IpFragFails: 1, IpFragOKs: 1, IpFragCreates: 2 });
});

test('a router without a route tells: network unreachable', () => {
  const { router, back, send } = setup();
  send('99.1.2.3');
  expect(back.told).toEqual([{ type: 3, code: 0, info: 0, about: '99.1.2.3' }]);
  expect(router.net.mib.get('IpExtInNoRoutes')).toBe(1);
});

test.each([
  ['unreachable', 1],
  ['prohibit', 13],
] as const)('a route that is %s tells code %d', (type, code) => {
  const { router, back, send } = setup();
  router.net.addRoute({ to: '99.0.0.0/8', type });
  send('99.1.2.3');
  expect(back.told).toMatchObject([{ type: 3, code }]);
});

test('a blackhole tells nothing', () => {
  const { router, back, send } = setup();
  router.net.addRoute({ to: '99.0.0.0/8', type: 'blackhole' });
  send('99.1.2.3');
  expect(back.told).toEqual([]);
});

test('when the last neighbour does not answer, the sender is told: host unreachable', () => {
  const { lab, router, back, send } = setup();
  send('10.1.0.77');
  lab.clock.runFor(5 * SEC);
  expect(back.told).toEqual([{ type: 3, code: 1, info: 0, about: '10.1.0.77' }]);
  expect(router.core.pool.drops[DropReason.NEIGH_FAILED]).toBe(1);
});

test('when our own neighbour does not answer, we tell ourselves', () => {
  const { lab, back, send } = setup();
  send('10.0.0.77');
  lab.clock.runFor(5 * SEC);
  expect(back.told).toEqual([{ type: 3, code: 1, info: 0, about: '10.0.0.77' }]);
});

test('forwarded packets meet PRE_ROUTING, FORWARD and POST_ROUTING, and no other hook', () => {
  const { router, udp, send } = setup();
  const seen: string[] = [];
  let verdict = NF_ACCEPT;
  for (const hook of [
    NF_INET_PRE_ROUTING,
    NF_INET_LOCAL_IN,
    NF_INET_FORWARD,
    NF_INET_LOCAL_OUT,
    NF_INET_POST_ROUTING,
  ]) {
    router.net.nf.register({
      name: 'test',
      hook,
      priority: 0,
      fn: (_skb, state) => {
        seen.push(`${hook} ${state.in?.name}>${state.out?.name}`);
        return hook === NF_INET_FORWARD ? verdict : NF_ACCEPT;
      },
    });
  }
  send('10.1.0.2');
  expect(seen).toEqual(['0 eth0>undefined', '2 eth0>eth1', '4 eth0>eth1']);
  expect(udp.got).toHaveLength(1);
  verdict = NF_DROP;
  send('10.1.0.2');
  expect(udp.got).toHaveLength(1);
});

test('a frame to everybody is not forwarded', () => {
  const { lab, router, a, udp, send } = setup();
  send('10.1.0.2');
  const unicast = a.bytes.at(-1)!;
  const toAll = unicast.slice();
  toAll.fill(0xff, 0, 6);
  a.peer!.arrive(toAll);
  lab.clock.drain();
  expect(udp.got).toHaveLength(1);
  expect(router.core.pool.drops[DropReason.NOT_SPECIFIED]).toBe(1);
});

test('path MTU discovery: the next packet to the destination is as large as the path allows', () => {
  const { alice, r1, udp, send } = setup();
  r1.dev.mtu = 600;
  alice.net.protocols.get(17)!.errHandler = (skb, _type, _code, info) => alice.ip.updatePmtu(skb.i32(16), info);
  send('10.1.0.2', 1000);
  expect(udp.got).toEqual([]);
  const route = alice.ip.routeOutput({
    daddr: parseIpv4('10.1.0.2'),
    saddr: 0,
    protocol: 17,
    tos: 0,
    mark: 0,
    oif: 0,
  })!;
  expect(route.mtu()).toBe(600);
  send('10.1.0.2', 580);
  expect(udp.got).toHaveLength(1);
});
