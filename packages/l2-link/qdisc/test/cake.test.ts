import { DropReason } from '@stack/skb';
import { describe, expect, test } from 'vitest';
import { MSEC, rig, saturate, SEC, type Packet, type Rig } from './rig.ts';

function cake(options: object = {}, bitsPerSecond?: number): Rig {
  const at = rig(bitsPerSecond === undefined ? {} : { bitsPerSecond });
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'cake', ...options });
  return at;
}

/** Mbit/s of each flow while all have packets. */
function rates(at: Rig, packets: readonly Packet[], time = 2 * SEC): number[] {
  saturate(at, SEC / 2, packets);
  const bytes = saturate(at, time, packets);
  return packets.map(({ flow }) => ((bytes.get(flow!) ?? 0) * 8) / (time / 1e3));
}

test('shapes to its bandwidth, without a burst', () => {
  const at = cake({ bandwidth: '8mbit' });
  for (let i = 0; i < 4; i++) at.send({ bytes: 1000 });
  at.clock.runFor(MSEC * 10);
  const times = at.sent.map(({ at: time }) => time);
  expect(times).toEqual([0, MSEC, 2 * MSEC, 3 * MSEC]);
  expect(rates(at, [{ flow: 1, bytes: 1000 }])[0] / 8).toBeCloseTo(1, 2);
});

test('overhead counts', () => {
  const at = cake({ bandwidth: '8mbit', overhead: 250, mpu: 500 });
  for (let i = 0; i < 3; i++) at.send({ bytes: 1000 });
  for (let i = 0; i < 2; i++) at.send({ bytes: 60 });
  at.clock.runFor(SEC);
  expect(at.sent.map(({ at: time }) => time)).toEqual([0, 1250, 2500, 3750, 4250].map((us) => us * 1000));
});

test('flows share, and a sparse one does not wait', () => {
  const at = cake({ bandwidth: '10mbit' });
  const [one, two] = rates(at, [{ flow: 1, bytes: 1514 }, { flow: 2, bytes: 200 }]); // prettier-ignore
  expect(one / two).toBeGreaterThan(0.9);
  expect(one / two).toBeLessThan(1.15);
  const before = at.sent.length;
  at.send({ mark: 77, flow: 3 });
  at.clock.runFor(10 * MSEC);
  const place = at.sent.slice(before).findIndex(({ mark }) => mark === 77);
  expect(place).toBeGreaterThanOrEqual(0);
  expect(place).toBeLessThan(4);
});

test('hosts share, however many flows they have', () => {
  const flows = (host: string, from: number, count: number): Packet[] =>
    Array.from({ length: count }, (_, i) => ({ flow: from + i, source: host, bytes: 1000 }));
  const packets = [...flows('10.0.0.1', 1, 1), ...flows('10.0.0.2', 10, 6)];
  const shared = rates(cake({ bandwidth: '10mbit', isolation: 'dual-srchost' }), packets, 4 * SEC);
  expect(shared[0]).toBeGreaterThan(4);
  const byFlow = rates(cake({ bandwidth: '10mbit', isolation: 'flows' }), packets, 4 * SEC);
  expect(byFlow[0]).toBeGreaterThan(1.2);
  expect(byFlow[0]).toBeLessThan(1.7);
});

describe('tins', () => {
  const [BULK, BEST, VOICE] = [8 << 2, 0, 46 << 2];

  test('voice goes first within its share', () => {
    const at = cake({ bandwidth: '10mbit' });
    const [best, voice] = rates(at, [{ flow: 1, bytes: 1000, tos: BEST }, { flow: 2, bytes: 1000, tos: VOICE }]); // prettier-ignore
    // Neither within its share: a quarter of the rate is more important.
    expect(voice).toBeGreaterThan(2);
    expect(voice).toBeLessThan(3.5);
    expect(best + voice).toBeCloseTo(10, 0);
  });

  test('bulk takes what is left, and a sixteenth at least', () => {
    const at = cake({ bandwidth: '10mbit' });
    const [best, bulk] = rates(at, [{ flow: 1, bytes: 1000, tos: BEST }, { flow: 2, bytes: 1000, tos: BULK }]); // prettier-ignore
    expect(bulk).toBeGreaterThan(0.4);
    expect(bulk).toBeLessThan(1);
    expect(best + bulk).toBeCloseTo(10, 0);
    expect(rates(cake({ bandwidth: '10mbit' }), [{ flow: 2, bytes: 1000, tos: BULK }])[0]).toBeCloseTo(10, 0);
  });

  test.each([
    ['besteffort', 1],
    ['diffserv3', 3],
    ['diffserv4', 4],
    ['diffserv8', 8],
    ['precedence', 8],
  ])('%s has %i', (diffserv, count) => {
    const at = cake({ diffserv });
    for (let point = 0; point < 64; point++) at.send({ flow: point + 1, tos: point << 2 });
    expect(at.root().xstats!().tins).toHaveLength(count);
    expect(at.sent).toHaveLength(64);
  });

  test('washing clears the DS field and leaves ECN', () => {
    const at = cake({ wash: true });
    at.send({ tos: VOICE | 2 });
    expect(at.sent[0].tos).toBe(2);
  });
});

test('COBALT keeps the delay short, and marks', () => {
  const at = cake({ bandwidth: '10mbit' });
  for (let i = 0; i < 4000; i++) {
    at.send({ bytes: 1000, tos: 2, mark: i });
    at.send({ bytes: 1000, flow: 2 });
    at.clock.runFor(1_500_000);
  }
  expect(at.root().drops).toBeGreaterThan(20);
  expect(at.pool.drops[DropReason.QDISC_CONGESTED]).toBeGreaterThan(20);
  expect(at.sent.filter(({ flow, tos }) => flow === 1 && (tos & 3) === 3).length).toBeGreaterThan(20);
});

test('memory is limited: the longest queue loses', () => {
  const at = cake({ bandwidth: '1mbit', memlimit: '64k' });
  for (let i = 0; i < 100; i++) at.send({ flow: 1, bytes: 1000 });
  at.send({ flow: 2, bytes: 1000, mark: 5 });
  expect(at.root().xstats!().memory_used).toBeLessThanOrEqual(65_536);
  expect(at.root().drops).toBeGreaterThan(50);
  at.clock.runFor(SEC);
  expect(at.marks()).toContain(5);
  expect(at.root()).toMatchObject({ qlen: 0, backlog: 0 });
});

test('change while packets wait', () => {
  const at = cake({ bandwidth: '1mbit' });
  for (let i = 0; i < 5; i++) at.send({ bytes: 1000, tos: 46 << 2 });
  // With the tins go the packets in them.
  at.tc.qdisc.change({ root: true, kind: 'cake', bandwidth: '8mbit', diffserv: 'besteffort' });
  expect(at.root().dump!()).toMatchObject({ bandwidth: '8Mbit', besteffort: true });
  expect(at.root()).toMatchObject({ qlen: 0, backlog: 0 });
  at.send({ bytes: 1000 });
  at.clock.runFor(SEC);
  expect(() => at.tc.qdisc.change({ root: true, kind: 'cake', diffserv: 'none' })).toThrow('diffserv');
});
