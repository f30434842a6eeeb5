import { devClose, devOpen, unregisterNetdevice } from '@stack/netdev';
import {
  formatIpv4,
  parseIpv4,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_UNICAST,
  type FibRoute,
} from '@stack/ipv4';
import { machine } from '@stack/testing';
import { expect, test } from 'vitest';
import { Station } from './network.ts';

function setup() {
  const alice = new Station(machine(), 'alice');
  const wire = alice.wire('02:00:00:00:00:01');
  return { alice, wire, net: alice.net, dev: wire.dev };
}

const shown = ({ prefix, prefixLength, nextHop }: FibRoute): string =>
  `${formatIpv4(prefix)}/${prefixLength} ${nextHop?.dev.name}`;

test('an address brings routes to itself, its network and its broadcast address', () => {
  const { net, dev } = setup();
  net.addAddress(dev, '10.1.2.3/24');
  expect(net.routes().map(shown)).toEqual(['10.1.2.0/24 eth0']);
  expect(net.routes('local').map(shown)).toEqual(
    expect.arrayContaining(['10.1.2.3/32 eth0', '10.1.2.255/32 eth0', '127.0.0.0/8 lo', '127.0.0.1/32 lo']),
  );
  const type = (address: string): number => net.fib.addressType(parseIpv4(address), null);
  expect(type('10.1.2.3')).toBe(RTN_LOCAL);
  expect(type('10.1.2.255')).toBe(RTN_BROADCAST);
  expect(type('255.255.255.255')).toBe(RTN_BROADCAST);
  expect(type('10.1.2.4')).toBe(RTN_UNICAST);
  expect(type('10.1.2.0')).toBe(RTN_UNICAST);
  expect(type('239.1.1.1')).toBe(RTN_MULTICAST);
  expect(type('127.5.5.5')).toBe(RTN_LOCAL);
});

test('point-to-point prefixes have no broadcast address, /32 has no network', () => {
  const { net, dev } = setup();
  net.addAddress(dev, '10.0.0.0/31');
  net.addAddress(dev, '10.9.9.9');
  expect(net.routes().map(shown)).toEqual(['10.0.0.0/31 eth0']);
  expect(
    net
      .routes('local')
      .filter((route) => route.nextHop?.dev === dev)
      .map(shown),
  ).toEqual(['10.0.0.0/32 eth0', '10.9.9.9/32 eth0']);
});

test('a second address of a network is secondary, prefers the first as source, and goes with it', () => {
  const { alice, net, dev } = setup();
  const events: string[] = [];
  net.onAddress((ifa, added) => events.push(`${added ? '+' : '-'}${formatIpv4(ifa.address)}`));
  net.addAddress(dev, '10.0.0.1/24');
  net.addAddress(dev, '10.0.0.2/24');
  net.addAddress(dev, '10.0.1.1/24');
  expect(net.addresses(dev).map(({ address, secondary }) => [formatIpv4(address), secondary])).toEqual([
    ['10.0.0.1', false],
    ['10.0.1.1', false],
    ['10.0.0.2', true],
  ]);
  const flow = { daddr: parseIpv4('10.0.0.9'), saddr: 0, protocol: 17, tos: 0, mark: 0, oif: 0 };
  expect(alice.ip.routeOutput(flow)?.source).toBe(parseIpv4('10.0.0.1'));
  expect(flow.saddr).toBe(parseIpv4('10.0.0.1'));
  net.deleteAddress(dev, '10.0.0.1/24');
  expect(net.addresses(dev).map(({ address }) => formatIpv4(address))).toEqual(['10.0.1.1']);
  expect(events).toEqual(['+10.0.0.1', '+10.0.0.2', '+10.0.1.1', '-10.0.0.2', '-10.0.0.1']);
  expect(net.routes().map(shown)).toEqual(['10.0.1.0/24 eth0']);
  expect(net.fib.addressType(parseIpv4('10.0.0.2'), null)).toBe(RTN_UNICAST);
});

test('deleting a secondary address leaves the network', () => {
  const { net, dev } = setup();
  net.addAddress(dev, '10.0.0.1/24');
  net.addAddress(dev, '10.0.0.2/24');
  net.deleteAddress(dev, '10.0.0.2/24');
  expect(net.routes().map(shown)).toEqual(['10.0.0.0/24 eth0']);
  expect(net.fib.addressType(parseIpv4('10.0.0.255'), null)).toBe(RTN_BROADCAST);
  expect(net.fib.addressType(parseIpv4('10.0.0.1'), null)).toBe(RTN_LOCAL);
});

test('a device that is down keeps its addresses and loses its routes', () => {
  const { net, dev } = setup();
  net.addAddress(dev, '10.0.0.1/24');
  net.addRoute({ to: 'default', via: '10.0.0.254' });
  devClose(dev);
  expect(net.routes()).toEqual([]);
  expect(net.fib.addressType(parseIpv4('10.0.0.1'), null)).toBe(RTN_LOCAL);
  devOpen(dev);
  expect(net.routes().map(shown)).toEqual(['10.0.0.0/24 eth0']);
});

test('a device that goes takes addresses and routes with it', () => {
  const { net, dev } = setup();
  net.addAddress(dev, '10.0.0.1/24');
  net.addRoute({ to: '10.9.0.0/16', via: '10.0.0.254' });
  unregisterNetdevice(dev);
  expect(net.routes()).toEqual([]);
  expect(net.addresses().map(({ address }) => formatIpv4(address))).toEqual(['127.0.0.1']);
  expect(net.fib.addressType(parseIpv4('10.0.0.1'), null)).toBe(RTN_UNICAST);
});

test.each([
  ['224.0.0.1/24', 'ERR_STACK_ADDRESS'],
  ['255.255.255.255/32', 'ERR_STACK_ADDRESS'],
  ['0.0.0.0/0', 'ERR_STACK_ADDRESS'],
  ['10.0.0/8', 'ERR_STACK_ADDRESS'],
  ['10.0.0.1/24', 'ERR_STACK_ADDRESS_TAKEN'],
])('%s cannot be added: %s', (cidr, code) => {
  const { net, dev } = setup();
  net.addAddress(dev, '10.0.0.1/24');
  expect(() => net.addAddress(dev, cidr)).toThrow(expect.objectContaining({ code }));
});

test('what is not there cannot be deleted', () => {
  const { net, dev } = setup();
  expect(() => net.deleteAddress(dev, '10.0.0.1/24')).toThrow(
    expect.objectContaining({ code: 'ERR_STACK_ADDRESS_UNKNOWN' }),
  );
});

test('with arp_notify an address is announced', () => {
  const { net, dev, wire } = setup();
  net.sysctl.arpNotify = true;
  net.addAddress(dev, '10.0.0.1/24');
  expect(wire.take()).toMatchObject([{ arp: { operation: 'request', senderIp: '10.0.0.1', targetIp: '10.0.0.1' } }]);
});
