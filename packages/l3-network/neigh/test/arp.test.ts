import { arpSendGratuitous, neighAdd, neighUpdate, NEIGH_UPDATE_F_OVERRIDE, NUD_STALE } from '@stack/neigh';
import { parseEthAddress } from '@stack/netdev';
import { EPERM } from '@stack/plugin';
import { DropReason } from '@stack/skb';
import { arpFrame, ipNumber } from '@stack/testing';
import { expect, test } from 'vitest';
import { Link, OUR_IP, OUR_MAC, THEIR_IP, THEIR_MAC } from './link.ts';

const OTHER_MAC = '02:00:00:00:00:99';

test('a question for our address is answered to who asked, who is then known but not proven', () => {
  const link = new Link();
  link.ask();
  expect(link.take()).toEqual([
    expect.objectContaining({
      eth: { destination: THEIR_MAC, source: OUR_MAC, type: 0x0806 },
      arp: { operation: 'reply', senderMac: OUR_MAC, senderIp: OUR_IP, targetMac: THEIR_MAC, targetIp: THEIR_IP },
    }),
  ]);
  expect(link.state()).toBe('STALE');
});

test('a question for somebody else is not answered, and strangers are not learned', () => {
  const link = new Link();
  link.ask({ targetIp: '10.0.0.77' });
  expect(link.take()).toEqual([]);
  expect(link.table.entries).toEqual([]);
});

test('an answer nobody asked for is not learned', () => {
  const link = new Link();
  link.answer();
  expect(link.table.entries).toEqual([]);
});

test('whether an address is taken may be asked without having one', () => {
  const link = new Link();
  link.ask({ senderIp: '0.0.0.0' });
  expect(link.take()).toMatchObject([
    { arp: { operation: 'reply', senderIp: OUR_IP, targetIp: '0.0.0.0', targetMac: THEIR_MAC } },
  ]);
  link.ask({ senderIp: '0.0.0.0', targetIp: '10.0.0.50' });
  expect(link.take()).toEqual([]);
  expect(link.table.entries).toEqual([]);
});

test('of two answers within a second the first counts; later the second', () => {
  const link = new Link();
  link.send();
  link.answer();
  link.answer({ senderMac: OTHER_MAC });
  expect(link.neigh().ha).toEqual(parseEthAddress(THEIR_MAC));
  link.runMs(1_100);
  link.answer({ senderMac: OTHER_MAC });
  expect(link.neigh().ha).toEqual(parseEthAddress(OTHER_MAC));
});

test('a neighbour that announces a new address is believed at once, and packets go there', () => {
  const link = new Link();
  link.send();
  link.answer();
  link.send();
  link.take();
  link.hear(arpFrame({ operation: 'request', senderMac: OTHER_MAC, senderIp: THEIR_IP, targetIp: THEIR_IP }));
  expect(link.state()).toBe('STALE');
  link.send();
  expect(link.take().at(-1)?.eth.destination).toBe(OTHER_MAC);
});

test('an announcement of our own address by others is not believed', () => {
  const link = new Link();
  link.hear(arpFrame({ operation: 'request', senderMac: OTHER_MAC, senderIp: OUR_IP, targetIp: OUR_IP }));
  expect(link.state(OUR_IP)).not.toBe('REACHABLE');
});

test('we announce an address to everybody', () => {
  const link = new Link();
  arpSendGratuitous(link.dev, ipNumber(OUR_IP));
  expect(link.take()).toMatchObject([
    { eth: { destination: 'ff:ff:ff:ff:ff:ff' }, arp: { operation: 'request', senderIp: OUR_IP, targetIp: OUR_IP } },
  ]);
});

test.each([
  ['another hardware type', 14, 9],
  ['another protocol', 16, 9],
  ['another operation', 21, 9],
  ['a multicast target', 38, 0xe0],
  ['a loopback target', 38, 127],
])('%s is dropped', (_what, at, value) => {
  const link = new Link();
  const frame = arpFrame({ operation: 'request', senderMac: THEIR_MAC, senderIp: THEIR_IP, targetIp: OUR_IP });
  frame[at] = value;
  link.hear(frame);
  expect(link.take()).toEqual([]);
  expect(link.core.pool.drops[DropReason.NOT_SPECIFIED]).toBe(1);
});

test.each([
  ['a cut packet', (frame: Uint8Array) => frame.subarray(0, 40)],
  ['another address length', (frame: Uint8Array) => frame.with(18, 8)],
])('%s is dropped', (_what, spoil) => {
  const link = new Link();
  link.hear(spoil(arpFrame({ operation: 'request', senderMac: THEIR_MAC, senderIp: THEIR_IP, targetIp: OUR_IP })));
  expect(link.core.pool.drops[DropReason.PKT_TOO_SMALL]).toBe(1);
});

test('an entry by hand needs no question and cannot be overwritten by what is heard', () => {
  const link = new Link();
  expect(neighAdd(link.table, ipNumber(THEIR_IP), link.dev, parseEthAddress(OTHER_MAC))).toBe(0);
  link.send();
  expect(link.take()).toMatchObject([{ eth: { destination: OTHER_MAC } }]);
  link.answer();
  expect(link.state()).toBe('PERMANENT');
  expect(neighUpdate(link.neigh(), parseEthAddress(THEIR_MAC), NUD_STALE, NEIGH_UPDATE_F_OVERRIDE)).toBe(-EPERM);
  expect(link.table.gcEntries).toBe(0);
});

test('a group has its address by its number', () => {
  const link = new Link();
  const skb = link.packet();
  link.send(skb, link.neigh('239.129.2.3'));
  expect(link.take()).toMatchObject([{ eth: { destination: '01:00:5e:01:02:03' } }]);
  expect(link.state('239.129.2.3')).toBe('NOARP');
});
