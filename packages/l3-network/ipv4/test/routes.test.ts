import { devClose } from '@stack/netdev';
import { formatIpv4, parseIpv4, type Rtable } from '@stack/ipv4';
import { EINVAL, ENETUNREACH } from '@stack/plugin';
import { ip } from '@stack/skb';
import { machine } from '@stack/testing';
import { expect, test } from 'vitest';
import { Station } from './network.ts';
import { fakeSock } from './transport.ts';

/** A host with two networks, and a router in the first one. */
function setup() {
  const alice = new Station(machine(), 'alice');
  const eth0 = alice.wire('02:00:00:00:00:01', '10.0.0.1/24').dev;
  const eth1 = alice.wire('02:00:00:00:00:02', '10.1.0.1/24').dev;
  const find = (to: string, from = '', oif = 0): Rtable | null =>
    alice.ip.routeOutput({
      daddr: parseIpv4(to),
      saddr: from === '' ? 0 : parseIpv4(from),
      protocol: 17,
      tos: 0,
      mark: 0,
      oif,
    });
  const way = (to: string, from = '', oif = 0): string => {
    const route = find(to, from, oif);
    if (route === null) return 'none';
    return `${formatIpv4(route.source)} ${route.dev.name}${route.gateway === 0 ? '' : ` via ${formatIpv4(route.gateway)}`}`;
  };
  return { alice, net: alice.net, eth0, eth1, find, way };
}

test('neighbours are reached directly, the rest through the router, nobody without a route', () => {
  const { net, way } = setup();
  expect(way('10.0.0.7')).toBe('10.0.0.1 eth0');
  expect(way('10.1.0.7')).toBe('10.1.0.1 eth1');
  expect(way('8.8.8.8')).toBe('none');
  net.addRoute({ to: 'default', via: '10.0.0.254' });
  net.addRoute({ to: '10.5.0.0/16', via: '10.1.0.9', source: '10.0.0.1' });
  expect(way('8.8.8.8')).toBe('10.0.0.1 eth0 via 10.0.0.254');
  expect(way('10.5.6.7')).toBe('10.0.0.1 eth1 via 10.1.0.9');
});

test('we reach ourselves through the loopback device, from the address itself', () => {
  const { way } = setup();
  expect(way('10.1.0.1')).toBe('10.1.0.1 lo');
  expect(way('127.0.0.1')).toBe('127.0.0.1 lo');
  expect(way('127.9.9.9')).toBe('127.0.0.1 lo');
  expect(way('0.0.0.0')).toBe('127.0.0.1 lo');
});

test('a source that is not ours is refused, one of ours is kept', () => {
  const { net, find, way } = setup();
  expect(find('10.0.0.7', '10.9.9.9')).toBeNull();
  expect(net.routeError).toBe(-EINVAL);
  expect(way('10.0.0.7', '10.1.0.1')).toBe('10.0.0.1 eth0');
});

test('a device that is asked for is taken, even without a route through it', () => {
  const { eth1, way } = setup();
  expect(way('10.0.0.7', '', eth1.ifindex)).toBe('10.1.0.1 eth1');
  expect(way('8.8.8.8', '', eth1.ifindex)).toBe('10.1.0.1 eth1');
  expect(way('8.8.8.8', '', 99)).toBe('none');
});

test.each([
  ['blackhole', -EINVAL],
  ['unreachable', -113],
  ['prohibit', -13],
  ['throw', -ENETUNREACH],
] as const)('a %s route says so', (type, errno) => {
  const { net, way } = setup();
  net.addRoute({ to: '192.168.0.0/16', type });
  expect(way('192.168.1.1')).toBe('none');
  expect(net.routeError).toBe(errno);
});

test('the lower metric wins, and the next one takes over', () => {
  const { net, way } = setup();
  net.addRoute({ to: 'default', via: '10.0.0.254', metric: 10 });
  net.addRoute({ to: 'default', via: '10.1.0.254', metric: 5 });
  expect(way('8.8.8.8')).toBe('10.1.0.1 eth1 via 10.1.0.254');
  net.deleteRoute({ to: 'default', metric: 5 });
  expect(way('8.8.8.8')).toBe('10.0.0.1 eth0 via 10.0.0.254');
});

test('all destinations behind a next hop share one route', () => {
  const { net, find } = setup();
  net.addRoute({ to: 'default', via: '10.0.0.254' });
  expect(find('8.8.8.8')).toBe(find('9.9.9.9'));
  expect(find('10.0.0.7')).toBe(find('10.0.0.8'));
  expect(find('10.0.0.7')).not.toBe(find('8.8.8.8'));
});

test('a socket keeps its route until addresses or routes change', () => {
  const { alice, net, eth0 } = setup();
  const sk = fakeSock('', '10.0.0.7');
  expect(alice.ip.routeConnect(sk)).toBe(0);
  expect(formatIpv4(sk.saddr)).toBe('10.0.0.1');
  const first = sk.dstCache;
  expect(alice.ip.skDstCheck(sk)).toBe(first);
  net.addRoute({ to: '10.0.0.7', via: '10.0.0.254' });
  expect(first?.obsolete).toBe(true);
  expect(alice.ip.skDstCheck(sk)?.gateway).toBe(parseIpv4('10.0.0.254'));
  devClose(eth0);
  expect(alice.ip.skDstCheck(sk)).toBeNull();
  expect(sk.dstCache).toBeNull();
});

test('connecting to where no route leads fails', () => {
  const { alice } = setup();
  expect(alice.ip.routeConnect(fakeSock('', '8.8.8.8'))).toBe(-ENETUNREACH);
});

test('a route says MTU and MSS; the device does otherwise', () => {
  const { net, find, eth0 } = setup();
  expect([find('10.0.0.7')?.mtu(), find('10.0.0.7')?.advmss()]).toEqual([1500, 1460]);
  net.addRoute({ to: '10.0.0.7', dev: eth0, mtu: 1400 });
  expect([find('10.0.0.7')?.mtu(), find('10.0.0.7')?.advmss()]).toEqual([1400, 1360]);
  net.addRoute({ to: '10.0.0.8', dev: eth0, advmss: 500 });
  expect([find('10.0.0.8')?.mtu(), find('10.0.0.8')?.advmss()]).toEqual([1500, 500]);
  expect(find('127.0.0.1')?.mtu()).toBe(65_535);
  expect(find('127.0.0.1')?.advmss()).toBe(65_495);
});

test('a smaller path MTU is remembered for the destination alone, and for ten minutes', () => {
  const { alice, net, find } = setup();
  net.addRoute({ to: 'default', via: '10.0.0.254' });
  const sk = fakeSock('', '8.8.8.8');
  alice.ip.routeConnect(sk);
  alice.ip.updatePmtu(parseIpv4('8.8.8.8'), 1300);
  expect(sk.dstCache?.obsolete).toBe(true);
  expect(alice.ip.skDstCheck(sk)?.mtu()).toBe(1300);
  expect(find('9.9.9.9')?.mtu()).toBe(1500);
  alice.ip.updatePmtu(parseIpv4('8.8.8.8'), 1400); // larger: no news
  expect(find('8.8.8.8')?.mtu()).toBe(1300);
  const held = find('8.8.8.8');
  alice.lab.clock.runFor(601e9);
  expect(held?.mtu()).toBe(1500);
  expect(find('8.8.8.8')?.mtu()).toBe(1500);
});

test('a path MTU that is too small to be true gives the smallest one, and DF no more', () => {
  const { alice, find } = setup();
  alice.ip.updatePmtu(parseIpv4('10.0.0.7'), 100);
  const route = find('10.0.0.7');
  expect(route?.mtu()).toBe(552);
  expect((route as { mtuLocked?: boolean }).mtuLocked).toBe(true);
  expect(ip.LENGTH).toBe(20);
});

test.each([
  [{ to: '10.9.0.0/16', via: '8.8.8.8' }, /no network of ours contains/],
  [{ to: '10.9.0.0/16', via: '10.0.0.1' }, /own/],
  [{ to: '10.9.0.0/16', via: '10.0.0.255' }, /no host/],
  [{ to: '10.9.0.0/16' }, /neither/],
  [{ to: '10.9.1.0/16', via: '10.0.0.254' }, /10\.9\.0\.0\/16/],
  [{ to: '10.9.0.0/16', via: '10.0.0.254', source: '10.3.3.3' }, /no address of this host/],
  [{ to: '10.9.0.0/16', via: '10.0.0.254', dev: 'eth7' }, /lo, eth0, eth1/],
  [{ to: 'nowhere', via: '10.0.0.254' }, /no IPv4 address/],
])('%j is refused', (options, message) => {
  expect(() => setup().net.addRoute(options)).toThrow(message);
});

test('the same route twice is refused, and so is deleting one that is not there', () => {
  const { net } = setup();
  net.addRoute({ to: 'default', via: '10.0.0.254' });
  expect(() => net.addRoute({ to: 'default', via: '10.0.0.253' })).toThrow(
    expect.objectContaining({ code: 'ERR_STACK_ROUTE' }),
  );
  net.deleteRoute({ to: 'default', via: '10.0.0.254' });
  expect(() => net.deleteRoute({ to: 'default' })).toThrow(expect.objectContaining({ code: 'ERR_STACK_ROUTE' }));
});

test('a next hop outside of all networks is possible onlink', () => {
  const { net, eth0, way } = setup();
  net.addRoute({ to: 'default', via: '172.16.0.1', dev: eth0, onlink: true });
  expect(way('8.8.8.8')).toBe('10.0.0.1 eth0 via 172.16.0.1');
});
