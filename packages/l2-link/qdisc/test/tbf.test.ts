import { bytesPerSecond } from '../src/base/units.ts';
import { RateConfig } from '../src/base/rate.ts';
import { NET_XMIT_DROP } from '@stack/netdev';
import { SKB_GSO_TCPV4 } from '@stack/skb';
import { tcpFrame } from '@stack/testing';
import { describe, expect, test } from 'vitest';
import { MSEC, rig, SEC } from './rig.ts';

test('a burst leaves at once, and then each packet when the rate has paid for it', () => {
  const at = rig();
  at.tc.qdisc.replace({ root: true, kind: 'tbf', rate: '8mbit', burst: 2500, limit: '20k' });
  for (let mark = 1; mark <= 6; mark++) at.send({ mark, bytes: 1000 });
  at.clock.runFor(SEC);
  // 1 byte lasts 1 us; of the burst, 500 bytes are left after two packets.
  expect(at.sent.map(({ at: time }) => time)).toEqual([0, 0, 500_000, 1_500_000, 2_500_000, 3_500_000]);
  expect(at.root()).toMatchObject({ qlen: 0, backlog: 0, packets: 6, bytes: 6000, drops: 0 });
  expect(at.root().overlimits).toBeGreaterThanOrEqual(4);
});

test('tokens come back while nothing is sent, up to the burst', () => {
  const at = rig();
  at.tc.qdisc.replace({ root: true, kind: 'tbf', rate: '8mbit', burst: 2000, limit: '20k' });
  for (let i = 0; i < 4; i++) at.send({ bytes: 1000 });
  at.clock.runFor(SEC);
  at.sent.length = 0;
  for (let i = 0; i < 4; i++) at.send({ bytes: 1000 });
  at.clock.runFor(SEC);
  expect(at.sent.map(({ at: time }) => time - SEC)).toEqual([0, 0, MSEC, 2 * MSEC]);
});

test('the peak rate spreads the burst', () => {
  const at = rig();
  const rates = { rate: '8mbit', peakrate: '16mbit', mtu: 1000 };
  at.tc.qdisc.replace({ root: true, kind: 'tbf', ...rates, burst: 4000, limit: '20k' });
  for (let i = 0; i < 6; i++) at.send({ bytes: 1000 });
  at.clock.runFor(SEC);
  const times = at.sent.map(({ at: time }) => time);
  // The tokens of the burst last while the peak rate is twice the rate.
  expect(times).toEqual([0, 500_000, 1_000_000, 1_500_000, 2_000_000, 2_500_000]);
});

test('what is larger than the burst, or over the limit, is dropped', () => {
  const at = rig();
  at.tc.qdisc.replace({ root: true, kind: 'tbf', rate: '8mbit', burst: 1000, latency: '2ms' });
  expect(at.send({ bytes: 1001 })).toBe(NET_XMIT_DROP);
  // 2 ms and the burst are 3000 bytes; the first packet is gone already.
  expect([1, 2, 3, 4, 5].map((mark) => at.send({ mark, bytes: 1000 }))).toEqual([0, 0, 0, 0, NET_XMIT_DROP]);
  at.clock.runFor(SEC);
  expect(at.marks()).toEqual([1, 2, 3, 4]);
  expect(at.root().drops).toBe(2);
});

test('a large packet that can be segmented is, and the counts above hold', () => {
  const at = rig();
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'prio' });
  at.tc.qdisc.add({ parent: '1:2', handle: '2:', kind: 'tbf', rate: '8mbit', burst: 1600, limit: '20k' });
  at.stop();
  const frame = tcpFrame({ sourcePort: 1, destinationPort: 80, flags: '.', payload: new Uint8Array(4000).fill(7) });
  const skb = at.pool.alloc(frame.length)!;
  skb.putData(frame);
  skb.networkHeader = skb.data + 14;
  skb.transportHeader = skb.data + 34;
  Object.assign(skb, { protocol: 0x0800, dev: at.dev, ipSummed: 3 });
  skb.csumStart = skb.transportHeader;
  skb.csumOffset = 16;
  Object.assign(skb.shinfo, { gsoSize: 1000, gsoSegs: 4, gsoType: SKB_GSO_TCPV4 });
  const prio = at.root();
  expect(prio.enqueue(skb)).toBe(0);
  expect(prio).toMatchObject({ qlen: 4, backlog: 4 * 1054, drops: 0 });
  expect(prio.classes!.find(0x10002)!.qdisc).toMatchObject({ kind: 'tbf', qlen: 4, backlog: 4 * 1054 });
  at.go();
  at.clock.runFor(SEC);
  expect(at.sent.map(({ bytes }) => bytes)).toEqual([1054, 1054, 1054, 1054]);
  expect(prio).toMatchObject({ qlen: 0, backlog: 0 });
});

test('change while packets wait: they leave at the new rate', () => {
  const at = rig();
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'tbf', rate: '8mbit', burst: 1000, limit: '20k' });
  for (let i = 0; i < 4; i++) at.send({ bytes: 1000 });
  at.clock.runFor(MSEC / 2);
  at.tc.qdisc.change({ root: true, kind: 'tbf', rate: '80mbit' });
  at.send({ bytes: 1000 });
  at.clock.runFor(SEC);
  expect(at.sent.map(({ at: time }) => time)).toEqual([0, 500_000, 600_000, 700_000, 800_000]);
});

describe('rates as the kernel computes them', () => {
  test.each([
    ['10mbit', 1514, 1_211_200],
    ['1gbit', 1514, 12_112],
    ['3mbit', 1000, 2_666_666],
    ['64kbit', 1514, 189_250_000],
    ['100gbit', 1514, 121],
  ])('%s takes %i bytes in %i ns', (rate, bytes, ns) => {
    expect(new RateConfig(bytesPerSecond(rate)).timeOf(bytes)).toBe(ns);
  });

  test('overhead, the smallest frame, and cells', () => {
    const rate = bytesPerSecond('8mbit');
    expect(new RateConfig(rate, { overhead: 4, mpu: 64 }).timeOf(40)).toBe(64_000);
    expect(new RateConfig(rate, { overhead: 4, mpu: 64 }).timeOf(100)).toBe(104_000);
    expect(new RateConfig(rate, { linklayer: 'atm' }).timeOf(49)).toBe(106_000);
  });

  test.each([
    ['1.5mbit', 187_500],
    ['1mbps', 1_000_000],
    ['8kibit', 1024],
    [800, 100],
  ])('%s is %i bytes a second', (rate, bytes) => expect(bytesPerSecond(rate)).toBe(bytes));

  test.each(['fast', '10', '', '-1mbit', 7])('%j is refused', (rate) => {
    expect(() => bytesPerSecond(rate)).toThrow(expect.objectContaining({ code: 'ERR_STACK_QDISC_OPTION' }));
  });
});

test('options that make no sense are refused and change nothing', () => {
  const at = rig();
  const before = at.root();
  const refused = [
    { rate: '8mbit', burst: 1000 },
    { burst: 1000, limit: 1000 },
    { rate: '8mbit', burst: 0, limit: 1000 },
    { rate: '8mbit', peakrate: '4mbit', mtu: 1500, burst: 1000, limit: 1000 },
    { rate: '8mbit', peakrate: '16mbit', burst: 1000, limit: 1000 },
  ];
  for (const options of refused) {
    expect(() => at.tc.qdisc.replace({ root: true, kind: 'tbf', ...options })).toThrow('tbf');
  }
  expect(at.root()).toBe(before);
});
