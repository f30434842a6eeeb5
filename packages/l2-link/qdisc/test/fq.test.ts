import { NET_XMIT_DROP } from '@stack/netdev';
import { DropReason } from '@stack/skb';
import { expect, test } from 'vitest';
import { MSEC, rig, saturate, SEC } from './rig.ts';

const times = (at: ReturnType<typeof rig>): number[] => at.sent.map(({ at: time }) => time);

test('a packet leaves at its departure time, and others meanwhile', () => {
  const at = rig();
  at.tc.qdisc.replace({ root: true, kind: 'fq' });
  at.stop();
  at.send({ mark: 1, flow: 1, tstamp: 5 * MSEC });
  at.send({ mark: 2, flow: 1, tstamp: 3 * MSEC });
  at.send({ mark: 3, flow: 2 });
  at.send({ mark: 4, flow: 3, tstamp: 4 * MSEC });
  at.go();
  expect(at.marks()).toEqual([3]);
  at.clock.runFor(10 * MSEC);
  expect(at.sent.map(({ mark, at: time }) => [mark, time])).toEqual([[3, 0], [2, 3 * MSEC], [4, 4 * MSEC], [1, 5 * MSEC]]); // prettier-ignore
});

test('no flow is faster than maxrate', () => {
  const at = rig();
  at.tc.qdisc.replace({ root: true, kind: 'fq', maxrate: '8mbit', quantum: 1000, initialQuantum: 1000 });
  for (let i = 0; i < 5; i++) for (const flow of [1, 2]) at.send({ flow, bytes: 1000 });
  at.clock.runFor(SEC);
  // 1 byte lasts 1 us; the flows do not wait for each other.
  for (const flow of [1, 2]) {
    const own = at.sent.filter((packet) => packet.flow === flow).map(({ at: time }) => time);
    expect(own).toEqual([0, MSEC, 2 * MSEC, 3 * MSEC, 4 * MSEC]);
  }
});

test('a slow flow pays for each packet, a fast one for its quantum', () => {
  const at = rig();
  at.tc.qdisc.replace({ root: true, kind: 'fq', maxrate: '400kbit' });
  for (let i = 0; i < 4; i++) at.send({ bytes: 1000 });
  at.clock.runFor(SEC);
  expect(times(at)).toEqual([0, 20 * MSEC, 40 * MSEC, 60 * MSEC]);
  const fast = rig();
  fast.tc.qdisc.replace({ root: true, kind: 'fq', maxrate: '8mbit', quantum: 3000, initialQuantum: 3000 });
  for (let i = 0; i < 7; i++) fast.send({ bytes: 1000 });
  fast.clock.runFor(SEC);
  expect(times(fast)).toEqual([0, 0, 0, 3, 3, 3, 6].map((ms) => ms * MSEC));
});

test('flows share by bytes; a new one begins with more', () => {
  const at = rig({ bitsPerSecond: 10e6 });
  at.tc.qdisc.replace({ root: true, kind: 'fq', limit: 2000, flowLimit: 1000 });
  const packets = [{ flow: 1, bytes: 1500 }, { flow: 2, bytes: 500 }, { flow: 3, bytes: 1000 }]; // prettier-ignore
  const bytes = [...saturate(at, SEC, packets).values()];
  expect(Math.max(...bytes) / Math.min(...bytes)).toBeLessThan(1.05);
  expect(bytes.reduce((sum, one) => sum + one)).toBeGreaterThan(1_200_000);
});

test('ten frames first, then two in each turn', () => {
  const at = rig();
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'fq', flowLimit: 1000 });
  at.stop();
  for (let i = 0; i < 15; i++) for (const flow of [1, 2]) at.send({ flow, bytes: 1514 });
  at.go();
  const runs = at.sent.map(({ flow }) => flow).join('').match(/(.)\1*/g)!.map((run) => run.length); // prettier-ignore
  expect(runs).toEqual([10, 10, 2, 2, 2, 2, 1, 1]);
});

test('limits of a flow, of a band, and of how far ahead a departure may lie', () => {
  const at = rig();
  at.tc.qdisc.replace({ root: true, kind: 'fq', limit: 10, flowLimit: 4, horizon: '1s' });
  at.stop();
  for (let i = 0; i < 6; i++) at.send({ flow: 1 });
  for (let flow = 2; flow < 10; flow++) at.send({ flow });
  expect(at.send({ flow: 20, tstamp: 2 * SEC, priority: 2 })).toBe(NET_XMIT_DROP);
  const { drops } = at.pool;
  const reasons = [DropReason.FQ_FLOW_LIMIT, DropReason.FQ_BAND_LIMIT, DropReason.FQ_HORIZON_LIMIT];
  expect(reasons.map((reason) => drops[reason])).toEqual([2, 2, 1]);
  expect(at.root().xstats!()).toMatchObject({ flowsPlimit: 2, band1_drops: 2, horizonDrops: 1 });
  expect(at.root()).toMatchObject({ qlen: 10, backlog: 1000, drops: 5 });
  at.tc.qdisc.change({ root: true, kind: 'fq', horizonDrop: false });
  at.send({ mark: 9, flow: 20, tstamp: 2 * SEC, priority: 2 });
  at.go();
  at.clock.runFor(3 * SEC);
  expect(at.sent.at(-1)).toMatchObject({ mark: 9, at: SEC });
});

test('bands share by weight, and control goes first', () => {
  const at = rig({ bitsPerSecond: 10e6 });
  at.tc.qdisc.replace({ root: true, kind: 'fq', flowLimit: 1000, weights: [9 << 16, 3 << 16, 1 << 16] });
  const bytes = saturate(
    at,
    15 * SEC,
    [6, 0, 2].map((priority, flow) => ({ flow, priority, bytes: 1500 })),
  );
  const total = [...bytes.values()].reduce((sum, one) => sum + one);
  expect([0, 1, 2].map((flow) => Math.round((13 * bytes.get(flow)!) / total))).toEqual([9, 3, 1]);
  const before = at.sent.length;
  at.send({ mark: 99, priority: 7 });
  at.clock.runFor(20 * MSEC);
  // Only what was on its way to the device goes before it.
  expect(at.sent.slice(before, before + 9).map(({ mark }) => mark)).toContain(99);
});

test('flows that are idle for long are forgotten and used again', () => {
  const at = rig();
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'fq', buckets: 1 });
  for (let flow = 1; flow <= 20; flow++) at.send({ flow });
  expect(at.root().xstats!()).toMatchObject({ flows: '20 (inactive 19 throttled 0)', gc: 0 });
  at.clock.runFor(4 * SEC);
  // The last one to send is in its turn still.
  at.send({ flow: 100 });
  expect(at.root().xstats!()).toMatchObject({ flows: '2 (inactive 1 throttled 0)', gc: 19 });
  at.root().reset();
  expect(at.root().xstats!()).toMatchObject({ flows: '0 (inactive 0 throttled 0)' });
});

test('options that make no sense are refused', () => {
  const at = rig();
  for (const options of [{ buckets: 1000 }, { weights: [1, 2, 3] }, { priomap: [1] }, { quantum: 0 }, { limit: -1 }]) {
    expect(() => at.tc.qdisc.replace({ root: true, kind: 'fq', ...options })).toThrow('fq');
  }
  expect(() => at.tc.qdisc.replace({ root: true, kind: 'fq', offloadHorizon: '1ms' })).toThrow('does not pace');
});

test('tc prints all of it', () => {
  const at = rig();
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'fq', maxrate: '2.5mbit', ceThreshold: '4ms', pacing: false });
  expect(at.tc.show().split('\n')).toEqual([
    'qdisc fq 1: root limit 10000p flow_limit 100p buckets 1024 orphan_mask 1023 bands 3 ' +
      'priomap 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1 weights 589824 196608 65536 nopacing quantum 3028b initial_quantum 15140b ' +
      'maxrate 2500Kbit low_rate_threshold 550Kbit refill_delay 40ms ce_threshold 4ms timer_slack 10us horizon 10s horizon_drop',
    ' Sent 0 bytes 0 pkt (dropped 0, overlimits 0 requeues 0)',
    ' backlog 0b 0p requeues 0',
    '  flows 0 (inactive 0 throttled 0)',
    '  band0_pkts 0 band1_pkts 0 band2_pkts 0',
    '  gc 0 highprio 0 throttled 0',
    '  band0_drops 0 band1_drops 0 band2_drops 0',
  ]);
});

test('the timer is moved for those that leave much earlier, and not within its slack', () => {
  const leaves = (earlier: number, options: object = {}): number[] => {
    const at = rig();
    at.tc.qdisc.replace({ root: true, kind: 'fq', ...options });
    at.send({ flow: 1, tstamp: 5 * MSEC + 8000 });
    at.send({ flow: 2, tstamp: 5 * MSEC - earlier });
    at.clock.runFor(SEC);
    return times(at).map((time) => time - 5 * MSEC);
  };
  expect(leaves(2000)).toEqual([8000, 8000]);
  expect(leaves(2001)).toEqual([-2001, 8000]);
  expect(leaves(2000, { timerSlack: 0 })).toEqual([-2000, 8000]);
});

test('packets of no socket share as many flows as orphanMask has', () => {
  const at = rig();
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'fq', orphanMask: 3 });
  const told: number[] = [];
  for (let flow = 1; flow <= 100; flow++) {
    at.send({ flow });
    const own = at.make({ flow });
    own.sk = { protocol: 6, paceInQdisc: () => told.push(flow) };
    at.root().enqueue(own);
  }
  expect(at.root().xstats!().flows).toMatch(/^104 /);
  expect(told).toHaveLength(100);
  at.root().reset();
  at.tc.qdisc.replace({ root: true, handle: '2:', kind: 'fq', pacing: false });
  const own = at.make({});
  own.sk = { protocol: 6, paceInQdisc: () => told.push(0) };
  at.root().enqueue(own);
  expect(told).toHaveLength(100);
});
