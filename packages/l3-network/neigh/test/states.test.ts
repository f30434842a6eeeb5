import { neighConfirm, NUD_REACHABLE } from '@stack/neigh';
import { DropReason } from '@stack/skb';
import { ipNumber } from '@stack/testing';
import { expect, test } from 'vitest';
import { Link, OUR_IP, OUR_MAC, THEIR_IP, THEIR_MAC } from './link.ts';

const question = { operation: 'request', senderMac: OUR_MAC, senderIp: OUR_IP, targetIp: THEIR_IP };

test('the first packet asks everybody and waits; the answer sends all that waited, in order', () => {
  const link = new Link();
  for (let id = 1; id <= 3; id++) expect(link.send(link.packet(20, id))).toBe(0);
  expect(link.state()).toBe('INCOMPLETE');
  const asked = link.take();
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({ eth: { destination: 'ff:ff:ff:ff:ff:ff' }, arp: question });
  link.answer();
  expect(link.state()).toBe('REACHABLE');
  const sent = link.take();
  expect(sent.map(({ ip }) => ip?.id)).toEqual([1, 2, 3]);
  expect(sent[0].eth).toEqual({ destination: THEIR_MAC, source: OUR_MAC, type: 0x0800 });
});

test('three questions a second apart, then every packet is reported and dropped', () => {
  const link = new Link();
  link.send(link.packet(20, 7));
  link.send(link.packet(20, 8));
  const askedAt: number[] = [];
  for (let ms = 0; ms < 5000; ms += 10) {
    if (link.take().length > 0) askedAt.push(ms);
    link.runMs(10);
  }
  expect(askedAt).toHaveLength(3);
  expect(askedAt[1] - askedAt[0]).toBeGreaterThanOrEqual(1000);
  expect(askedAt[2] - askedAt[1]).toBeLessThan(1200);
  expect(link.state()).toBe('FAILED');
  expect(link.failed).toEqual([7, 8]);
  expect(link.core.pool.drops[DropReason.NEIGH_FAILED]).toBe(2);
  expect(link.table.stats.resFailed).toBe(1);
});

test('a packet to a failed neighbour asks anew', () => {
  const link = new Link();
  link.send();
  link.runMs(5000);
  link.take();
  link.send();
  expect(link.state()).toBe('INCOMPLETE');
  expect(link.take()).toMatchObject([{ arp: question }]);
  link.answer();
  expect(link.take()).toHaveLength(1);
});

test('a reachable neighbour without traffic becomes stale after 15 to 45 seconds', () => {
  const link = new Link();
  link.send();
  link.answer();
  link.runMs(14_900);
  expect(link.state()).toBe('REACHABLE');
  link.runMs(40_000);
  expect(link.state()).toBe('STALE');
  expect(link.lab.clock.timers.size).toBeLessThanOrEqual(1);
});

test('the time to be reachable differs from host to host, within its bounds', () => {
  const link = new Link();
  const times = new Set<number>();
  for (let i = 0; i < 20; i++) {
    const time = link.table.parms.copy().reachableTime(0);
    expect(time).toBeGreaterThanOrEqual(15_000);
    expect(time).toBeLessThan(45_000);
    times.add(time);
  }
  expect(times.size).toBeGreaterThan(15);
});

test('a stale neighbour is used at once, given five seconds, then asked in unicast', () => {
  const link = new Link();
  link.send();
  link.answer();
  link.runMs(60_000);
  link.take();
  link.send(link.packet(20, 1));
  expect(link.state()).toBe('DELAY');
  expect(link.take()).toMatchObject([{ ip: { id: 1 } }]);
  link.runMs(4_900);
  expect(link.state()).toBe('DELAY');
  link.runMs(1_200);
  expect(link.state()).toBe('PROBE');
  const [probe] = link.take();
  expect(probe).toMatchObject({ eth: { destination: THEIR_MAC }, arp: question });
  link.answer();
  expect(link.state()).toBe('REACHABLE');
});

test('traffic proves a neighbour in time: no question', () => {
  const link = new Link();
  link.send();
  link.answer();
  link.runMs(60_000);
  link.take();
  link.send();
  link.runMs(2_000);
  neighConfirm(link.neigh());
  link.runMs(4_000);
  expect(link.state()).toBe('REACHABLE');
  expect(link.take().filter(({ arp }) => arp !== undefined)).toEqual([]);
});

test('a packet that says that the peer answers keeps the neighbour reachable', () => {
  const link = new Link();
  link.send();
  link.answer();
  for (let i = 0; i < 20; i++) {
    link.runMs(10_000);
    const skb = link.packet();
    skb.dstPendingConfirm = true;
    link.send(skb);
    expect(link.neigh().state).toBe(NUD_REACHABLE);
  }
  expect(link.take().filter(({ arp }) => arp !== undefined)).toHaveLength(1);
});

test('three unanswered unicast questions and the neighbour is lost', () => {
  const link = new Link();
  link.send();
  link.answer();
  link.runMs(60_000);
  link.take();
  link.send();
  link.runMs(12_000);
  expect(link.state()).toBe('FAILED');
  const probes = link.take().filter(({ arp }) => arp !== undefined);
  expect(probes.map(({ eth }) => eth.destination)).toEqual([THEIR_MAC, THEIR_MAC, THEIR_MAC]);
});

test('waiting packets are limited by bytes, and the oldest go first', () => {
  const link = new Link();
  const neigh = link.neigh();
  neigh.parms.queueLenBytes = 5_000;
  for (let id = 1; id <= 10; id++) link.send(link.packet(20, id));
  const each = neigh.arpQueue.first!.truesize;
  const kept = Math.floor(5_000 / each);
  expect(neigh.arpQueue.length).toBe(kept);
  expect(link.core.pool.drops[DropReason.NEIGH_QUEUEFULL]).toBe(10 - kept);
  expect(link.table.stats.unresDiscards).toBe(10 - kept);
  link.take();
  link.answer();
  expect(link.take().map(({ ip }) => ip?.id)).toEqual([4, 5, 6, 7, 8, 9, 10].slice(7 - kept));
});

test('listeners learn of every change', () => {
  const link = new Link();
  const seen: string[] = [];
  link.table.onChange(() => seen.push(link.state()));
  link.send();
  link.answer();
  link.runMs(60_000);
  expect(seen).toEqual(['REACHABLE', 'STALE']);
});

test('two devices have neighbours of their own with the same address', () => {
  const link = new Link();
  const other = link.addDevice('02:00:00:00:00:03');
  link.send();
  link.answer();
  expect(link.table.hash.find(ipNumber(THEIR_IP), other.ifindex)).toBeNull();
  expect(link.state()).toBe('REACHABLE');
});
