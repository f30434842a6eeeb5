import { NET_XMIT_SUCCESS } from '@stack/netdev';
import { flower, u32 } from '@stack/qdisc';
import { DropReason } from '@stack/skb';
import { expect, test } from 'vitest';
import { rig, saturate, SEC, type Rig } from './rig.ts';

test('prio serves a band when those before it are empty; the priority chooses', () => {
  const at = rig();
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'prio' });
  at.stop();
  for (const [mark, priority] of [[1, 2], [2, 0], [3, 6], [4, 0x10001], [5, 0x10003]]) at.send({ mark, priority }); // prettier-ignore
  expect(at.root().peek()!.u16(18)).toBe(3);
  at.go();
  expect(at.marks()).toEqual([3, 4, 2, 1, 5]);
});

test('filters choose the band, in the order of their priorities', () => {
  const at = rig();
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'prio' });
  at.tc.filter.add({ parent: '1:', prio: 2, classid: '1:3' });
  at.tc.filter.add({ parent: '1:', prio: 1, match: flower({ srcPort: [10, 19] }), classid: '1:1' });
  at.tc.filter.add({ parent: '1:', prio: 1, match: u32({ at: 20, size: 2, value: 20 }), classid: '1:2' });
  at.stop();
  at.send({ mark: 1, flow: 5 });
  at.send({ mark: 2, flow: 20 });
  at.send({ mark: 3, flow: 12 });
  at.go();
  expect(at.marks()).toEqual([3, 2, 1]);
  expect(at.tc.filter.show().split('\n')).toEqual([
    'filter parent 1: protocol all pref 1 flower chain 0 classid 1:1 (rule hit 1)',
    '  src_port 10-19',
    'filter parent 1: protocol all pref 1 u32 chain 0 flowid 1:2 (rule hit 1)',
    '  match 00140000/ffff0000 at 20',
    'filter parent 1: protocol all pref 2 matchall chain 0 flowid 1:3 (rule hit 1)',
  ]);
});

test('a band is a class: another discipline fits into it, and its drops count above', () => {
  const at = rig();
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'prio' });
  at.tc.qdisc.add({ parent: '1:2', handle: '20:', kind: 'pfifo', limit: 2 });
  at.stop();
  for (let mark = 1; mark <= 4; mark++) at.send({ mark });
  expect(at.root()).toMatchObject({ qlen: 2, backlog: 200, drops: 2 });
  at.tc.qdisc.change({ parent: '1:2', kind: 'pfifo', limit: 1 });
  expect(at.root()).toMatchObject({ qlen: 1, backlog: 100, drops: 3 });
  at.tc.qdisc.delete({ parent: '1:2' });
  expect(at.root()).toMatchObject({ qlen: 0, backlog: 0 });
  expect(at.pool.drops[DropReason.QUEUE_PURGE]).toBe(1);
});

test('fewer bands: what waits in those that go is dropped', () => {
  const at = rig();
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'prio', bands: 4 });
  at.stop();
  at.send({ priority: 0x10004 });
  at.send({ mark: 1 });
  expect(at.root().qlen).toBe(2);
  at.tc.qdisc.change({ root: true, kind: 'prio', bands: 3 });
  expect(at.root()).toMatchObject({ qlen: 1, backlog: 100 });
  const short = { root: true, kind: 'prio', bands: 2 };
  expect(() => at.tc.qdisc.change(short)).toThrow('priomap');
  at.go();
  expect(at.marks()).toEqual([1]);
});

/** Classes 1:1, 1:2 ... for flows 1, 2 ... */
function drr(at: Rig, ...quanta: number[]): void {
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'drr' });
  for (const [index, quantum] of quanta.entries()) {
    at.tc.class.add({ classid: 0x10001 + index, parent: '1:', quantum });
    at.tc.filter.add({ parent: '1:', match: flower({ srcPort: index + 1 }), classid: 0x10001 + index });
  }
}

test('drr shares by quantum, whatever the sizes of packets', () => {
  const at = rig({ bitsPerSecond: 10e6 });
  drr(at, 1000, 2000, 3000);
  const bytes = saturate(at, 2 * SEC, [
    { flow: 1, bytes: 1000 },
    { flow: 2, bytes: 100 },
    { flow: 3, bytes: 1500 },
  ]);
  const total = bytes.get(1)! + bytes.get(2)! + bytes.get(3)!;
  expect(total).toBeGreaterThan(2_400_000);
  for (const flow of [1, 2, 3]) expect(bytes.get(flow)! / total).toBeCloseTo(flow / 6, 2);
});

test('the lag of a class is never more than a quantum and a packet', () => {
  const at = rig();
  drr(at, 500, 500);
  at.stop();
  for (let i = 0; i < 50; i++) {
    at.send({ flow: 1, bytes: 1500 });
    at.send({ flow: 2, bytes: 300 });
    at.send({ flow: 2, bytes: 400 });
  }
  at.go();
  const sums = [0, 0];
  for (const { flow, bytes } of at.sent.slice(0, 60)) {
    sums[flow - 1] += bytes;
    // DRR's bound: quantum + 2 max.
    expect(Math.abs(sums[0] - sums[1])).toBeLessThanOrEqual(500 + 2 * 1500);
  }
  expect(at.sent).toHaveLength(150);
});

test('drr drops what no filter wants, and the sender does not learn of it', () => {
  const at = rig();
  drr(at, 1000);
  expect(at.send({ flow: 9 })).toBe(NET_XMIT_SUCCESS);
  expect(at.root()).toMatchObject({ drops: 1, qlen: 0 });
  expect(at.pool.drops[DropReason.QDISC_DROP]).toBe(1);
});

test('a class goes with its packets; the others go on', () => {
  const at = rig();
  drr(at, 1000, 1000);
  at.stop();
  for (let mark = 1; mark <= 4; mark++) at.send({ mark, flow: 1 + (mark % 2) });
  at.tc.class.delete({ classid: '1:1' });
  expect(at.root()).toMatchObject({ qlen: 2, backlog: 200 });
  at.tc.class.change({ classid: '1:2', quantum: 2000 });
  expect(at.tc.class.show()).toContain('class drr 1:2 root quantum 2000b');
  at.go();
  expect(at.marks()).toEqual([1, 3]);
  expect(() => at.tc.class.delete({ classid: '1:1' })).toThrow('no class 1:1');
  expect(() => at.tc.class.add({ classid: '1:2' })).toThrow('two 1:2');
});
