import {
  all,
  arp,
  arpFrame,
  decodePacket,
  eth,
  icmp,
  icmpFrame,
  ip,
  payload,
  tcp,
  tcpFrame,
  udp,
  udpFrame,
} from '@stack/testing';
import { Skbs } from '@stack/skb';
import { expect, test } from 'vitest';
import { machine, testHost } from '../src/index.ts';

const synAck = tcpFrame({ sourcePort: 80, destinationPort: 4000, flags: 'S.', seq: 9, ack: 1, options: { mss: 1460 } });

test.each([
  ['by one header', tcp({ flags: 'SA', ack: 1 })],
  ['by flags as tcpdump writes them', tcp({ flags: 'S.' })],
  ['by any order of flags', tcp({ flags: 'AS' })],
  ['by options', tcp({ options: { mss: 1460 } })],
  ['by headers inside each other', eth({ type: 0x0800 }, ip({ ttl: 64 }, tcp({ seq: 9 }, payload(''))))],
  ['by several matchers', all(ip({ source: '10.0.0.1' }), tcp({ checksumOk: true }))],
  ['by asymmetric matchers', tcp({ seq: expect.any(Number), flags: expect.stringContaining('S') })],
])('a packet matches %s', (_what, matcher) => {
  expect(synAck).toMatchPacket(matcher);
});

test('what does not match is named, field by field', () => {
  expect(() => expect(synAck).toMatchPacket(ip({ ttl: 63 }, tcp({ flags: 'R', ack: 1, seq: 8 })))).toThrow(
    /ip\.ttl: expected .*63.*, found .*64[^]*tcp\.flags: expected .*"R".*, found .*"S\."[^]*tcp\.seq: expected .*8.*, found .*9/,
  );
});

test('a header that is not there does not match', () => {
  expect(synAck).not.toMatchPacket(udp());
  expect(() => expect(synAck).toMatchPacket(udp())).toThrow('udp: expected');
});

test('every protocol that frames are made of has a matcher', () => {
  expect(udpFrame({ sourcePort: 1, destinationPort: 2, payload: 'hi' })).toMatchPacket(
    udp({ length: 10 }, payload('hi')),
  );
  expect(icmpFrame({ type: 8, payload: Uint8Array.of(1) })).toMatchPacket(icmp({ type: 8 }, payload(Uint8Array.of(1))));
  expect(arpFrame({ operation: 'request', senderIp: '10.0.0.1', targetIp: '10.0.0.2' })).toMatchPacket(
    arp({ operation: 'request', targetIp: '10.0.0.2' }),
  );
  expect(udpFrame({ sourcePort: 1, destinationPort: 2, payload: 'hi' })).not.toMatchPacket(payload('ho'));
});

test('a packet without a link-layer header is known by itself', () => {
  expect(synAck.subarray(14)).toMatchPacket(ip({ totalLength: 44 }));
});

test('an skb matches wherever its data begins, and its fragments count', () => {
  const pool = testHost(machine(), 'alice').get(Skbs);
  const frame = udpFrame({ sourcePort: 1, destinationPort: 2, payload: 'hello' });
  const skb = pool.alloc(256)!;
  skb.putData(frame.subarray(0, 42));
  const page = pool.arena.alloc(16);
  pool.arena.u8.set(frame.subarray(42), page);
  skb.addFrag(page, 0, frame.length - 42, 0);
  const whole = udp({ checksumOk: true }, payload('hello'));
  expect(skb).toMatchPacket(whole);
  skb.resetMacHeader();
  skb.pull(14);
  skb.resetNetworkHeader();
  expect(skb).toMatchPacket(whole);
  skb.pull(20); // as before a transport
  expect(skb).toMatchPacket(whole);
  expect(decodePacket(skb).ip?.source).toBe('10.0.0.1');
  skb.consume();
});
