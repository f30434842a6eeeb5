import { __neighLookup, neighUpdate, NEIGH_UPDATE_F_OVERRIDE, NUD_REACHABLE, NUD_STALE } from '@stack/neigh';
import {
  devClose,
  devOpen,
  devSetMacAddress,
  netifCarrierOff,
  netifCarrierOn,
  parseEthAddress,
  unregisterNetdevice,
} from '@stack/netdev';
import { neighAdd } from '@stack/neigh';
import { DropReason } from '@stack/skb';
import { ipNumber } from '@stack/testing';
import { expect, test } from 'vitest';
import { Link, THEIR_IP, THEIR_MAC } from './link.ts';

/** Fills the table with stale entries 10.1.0.0 and on. */
function fill(link: Link, count: number): void {
  for (let i = 0; i < count; i++) {
    const neigh = __neighLookup(link.table, ipNumber('10.1.0.0') + i, link.dev);
    if (neigh !== null) neighUpdate(neigh, parseEthAddress(THEIR_MAC), NUD_STALE, NEIGH_UPDATE_F_OVERRIDE);
  }
}

test('few entries are kept however old, and no timer runs for them', () => {
  const link = new Link();
  fill(link, 127);
  link.runMs(3_600_000);
  expect(link.table.entries).toHaveLength(127);
  expect(link.lab.clock.timers.size).toBe(0);
});

test('from 128 entries on those unused for a minute are collected', () => {
  const link = new Link();
  fill(link, 200);
  link.runMs(50_000);
  expect(link.table.entries).toHaveLength(200);
  link.runMs(60_000);
  expect(link.table.entries).toHaveLength(0);
  expect(link.table.stats.periodicGcRuns).toBeGreaterThan(0);
  expect(link.lab.clock.timers.size).toBeLessThanOrEqual(1);
});

test('a full table makes room from old entries, and refuses when all are new', () => {
  const link = new Link();
  fill(link, 1100);
  expect(link.table.entries).toHaveLength(1024);
  expect(link.table.stats.tableFulls).toBe(76);
  expect(__neighLookup(link.table, ipNumber(THEIR_IP), link.dev)).toBeNull();
  link.runMs(6_000);
  expect(__neighLookup(link.table, ipNumber(THEIR_IP), link.dev)).not.toBeNull();
  expect(link.table.entries).toHaveLength(512);
  expect(link.table.gcEntries).toBe(link.table.entries.length);
});

test.each(['down', 'unregistered'] as const)(
  'a device that is %s has no neighbours, and what waited is dropped',
  (how) => {
    const link = new Link();
    link.send();
    neighAdd(link.table, ipNumber('10.0.0.9'), link.dev, parseEthAddress(THEIR_MAC));
    if (how === 'down') devClose(link.dev);
    else unregisterNetdevice(link.dev);
    expect(link.table.entries).toEqual([]);
    expect(link.table.gcEntries).toBe(0);
    expect(link.core.pool.drops[DropReason.NEIGH_DEAD]).toBe(1);
    expect(link.core.pool.live).toBe(0);
  },
);

test('without a carrier only entries by hand stay', () => {
  const link = new Link();
  link.send();
  link.answer();
  neighAdd(link.table, ipNumber('10.0.0.9'), link.dev, parseEthAddress(THEIR_MAC));
  netifCarrierOff(link.dev);
  expect(link.table.entries.map(({ key }) => key)).toEqual([ipNumber('10.0.0.9')]);
  netifCarrierOn(link.dev);
  link.take();
  link.send();
  expect(link.take()).toMatchObject([{ arp: { operation: 'request' } }]);
});

test('a cached header follows the address: of the neighbour, and of the device', () => {
  const link = new Link();
  link.dev.ops.setMacAddress = () => 0;
  link.send();
  link.answer();
  link.send();
  expect(link.neigh().hhLen).toBe(14);
  neighUpdate(link.neigh(), parseEthAddress('02:00:00:00:00:77'), NUD_REACHABLE, NEIGH_UPDATE_F_OVERRIDE);
  link.take();
  link.send();
  expect(link.take()[0].eth.destination).toBe('02:00:00:00:00:77');
  expect(devSetMacAddress(link.dev, parseEthAddress('02:00:00:00:00:55'))).toBe(0);
  expect(link.table.entries).toEqual([]);
  link.send();
  expect(link.take()).toMatchObject([
    { eth: { source: '02:00:00:00:00:55' }, arp: { senderMac: '02:00:00:00:00:55' } },
  ]);
});

test('the cached header is copied in front of packets as it is written', () => {
  const link = new Link();
  link.send();
  link.answer();
  link.send(link.packet(28, 1));
  link.send(link.packet(28, 2));
  const [, first, second, third] = link.take();
  expect(third.eth).toEqual(first.eth);
  expect(second.eth).toEqual(first.eth);
  expect([second.ip?.id, third.ip?.id]).toEqual([1, 2]);
});

test('a device that was down begins anew', () => {
  const link = new Link();
  link.send();
  devClose(link.dev);
  devOpen(link.dev);
  link.take();
  link.send();
  expect(link.state()).toBe('INCOMPLETE');
  expect(link.take()).toHaveLength(1);
});
