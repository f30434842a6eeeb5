import { flower } from '@stack/qdisc';
import { DropReason } from '@stack/skb';
import { describe, expect, test } from 'vitest';
import { MSEC, rig, saturate, SEC, type Rig } from './rig.ts';

interface Class {
  id: number;
  parent?: string;
  rate: string;
  [option: string]: unknown;
}

/** Leaf 1:<id> has the packets of flow <id>. */
function htb(at: Rig, classes: readonly Class[], options: object = {}): void {
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'htb', ...options });
  for (const { id, ...rest } of classes) {
    at.tc.class.add({ classid: 0x10000 + id, ...rest });
    at.tc.filter.add({ parent: '1:', match: flower({ srcPort: id }), classid: 0x10000 + id });
  }
}

/** Mbit/s of each flow while all have packets. */
function rates(at: Rig, flows: readonly number[], time = 2 * SEC): number[] {
  saturate(
    at,
    SEC / 2,
    flows.map((flow) => ({ flow, bytes: 1000 })),
  );
  const bytes = saturate(
    at,
    time,
    flows.map((flow) => ({ flow, bytes: 1000 })),
  );
  return flows.map((flow) => ((bytes.get(flow) ?? 0) * 8) / (time / 1e3));
}

const TREE: readonly Class[] = [
  { id: 1, rate: '10mbit' },
  { id: 2, parent: '1:1', rate: '6mbit', ceil: '10mbit' },
  { id: 3, parent: '1:1', rate: '3mbit', ceil: '10mbit' },
  { id: 4, parent: '1:1', rate: '1mbit', ceil: '2mbit' },
];

describe('rates and borrowing', () => {
  test('a class alone is as fast as its rate, within a percent', () => {
    const at = rig();
    htb(at, [{ id: 1, rate: '8mbit' }]);
    expect(rates(at, [1])[0] / 8).toBeCloseTo(1, 2);
  });

  test('all get their rate when all want it', () => {
    const at = rig();
    htb(at, TREE);
    for (const [i, rate] of rates(at, [2, 3, 4]).entries()) expect(rate / [6, 3, 1][i]).toBeCloseTo(1, 1);
  });

  test('what one does not want, the others share, each up to its ceil', () => {
    const at = rig();
    htb(
      at,
      TREE.map((one) => ({ ...one, quantum: 1500 })),
    );
    const [three, four] = rates(at, [3, 4]);
    expect(three + four).toBeCloseTo(10, 0);
    // Its ceil holds the small one back; the other has the rest.
    expect(four).toBeCloseTo(2, 1);
    expect(three).toBeCloseTo(8, 0);
  });

  test('equals share what is left in proportion to their rates', () => {
    const at = rig();
    htb(at, [
      { id: 1, rate: '30mbit' },
      { id: 2, parent: '1:1', rate: '2mbit', ceil: '30mbit' },
      { id: 3, parent: '1:1', rate: '4mbit', ceil: '30mbit' },
      { id: 4, parent: '1:1', rate: '24mbit', ceil: '30mbit' },
    ]);
    const [two, three] = rates(at, [2, 3]);
    expect(two + three).toBeCloseTo(30, 0);
    // 2 and 4 are theirs; the quanta of 25000 and 50000 divide 24.
    expect((three - 4) / (two - 2)).toBeCloseTo(2, 0);
  });

  test('priority decides who borrows', () => {
    const at = rig();
    htb(at, [
      { id: 1, rate: '10mbit' },
      { id: 2, parent: '1:1', rate: '1mbit', ceil: '10mbit', prio: 0 },
      { id: 3, parent: '1:1', rate: '1mbit', ceil: '10mbit', prio: 1 },
    ]);
    const [two, three] = rates(at, [2, 3]);
    expect(two).toBeCloseTo(9, 0);
    expect(three).toBeCloseTo(1, 1);
  });

  test('who borrowed has not spent his own rate', () => {
    const at = rig();
    htb(at, [
      { id: 1, rate: '10mbit' },
      { id: 2, parent: '1:1', rate: '5mbit', ceil: '10mbit', prio: 1 },
      { id: 3, parent: '1:1', rate: '5mbit', ceil: '10mbit', prio: 0 },
    ]);
    expect(rates(at, [2])[0]).toBeCloseTo(10, 0);
    const [two, three] = rates(at, [2, 3]);
    expect(two).toBeCloseTo(5, 0);
    expect(three).toBeCloseTo(5, 0);
    const { lended, borrowed } = at.tc.class.find('1:2')!.xstats!() as Record<string, number>;
    expect(borrowed).toBeGreaterThan(1000);
    expect(lended).toBeGreaterThan(1000);
  });

  test('three floors: borrowing goes up as far as it must', () => {
    const at = rig();
    htb(at, [
      { id: 1, rate: '12mbit' },
      { id: 10, parent: '1:1', rate: '6mbit', ceil: '12mbit' },
      { id: 20, parent: '1:1', rate: '6mbit', ceil: '12mbit' },
      { id: 11, parent: '1:10', rate: '3mbit', ceil: '12mbit' },
      { id: 12, parent: '1:10', rate: '3mbit', ceil: '12mbit' },
      { id: 21, parent: '1:20', rate: '3mbit', ceil: '12mbit' },
    ].map(({ parent, ...rest }) => ({ ...rest, ...(parent !== undefined && { parent: `1:${hex(parent)}` }) }))); // prettier-ignore
    const [one, two, three] = rates(at, [11, 12, 21]);
    expect(one + two).toBeCloseTo(6, 0);
    expect(three).toBeCloseTo(6, 0);
    expect(at.tc.class.find(0x10001)).toMatchObject({ level: 7 });
    expect(at.tc.class.find(0x1000a)).toMatchObject({ level: 6 });
  });
});

const hex = (parent: string): string => Number(parent.slice(2)).toString(16);

test('the burst leaves at once, then the rate holds', () => {
  const at = rig();
  htb(at, [{ id: 1, rate: '8mbit', burst: 3000, cburst: 3000 }]);
  for (let i = 0; i < 6; i++) at.send({ bytes: 1000 });
  at.clock.runFor(SEC);
  // A class may go into debt by one packet: it sends while it has tokens at all.
  const times = at.sent.map(({ at: time }) => time);
  expect(times.slice(0, 3)).toEqual([0, 0, 0]);
  expect(times.slice(4).map((time, i) => time - times[3 + i])).toEqual([MSEC, MSEC]);
});

test('packets without a class: the default one, or straight on', () => {
  const at = rig();
  htb(at, [{ id: 0x10, rate: '8mbit' }], { default: 0x10 });
  at.send({ flow: 99 });
  expect(at.tc.class.find('1:10')!.stats).toMatchObject({ packets: 1, bytes: 100 });
  at.tc.qdisc.change({ root: true, kind: 'htb', default: 0 });
  for (let i = 0; i < 20; i++) at.send({ flow: 99, bytes: 1500 });
  expect(at.sent).toHaveLength(21);
  expect(at.root().dump!()).toMatchObject({ direct_packets_stat: 20 });
  // A priority that is the handle goes straight on as well, one that is a class goes there.
  at.send({ priority: 0x10000 });
  at.send({ priority: 0x10010 });
  expect(at.tc.class.find('1:10')!.stats.packets).toBe(2);
  expect(at.root().dump!()).toMatchObject({ direct_packets_stat: 21 });
});

test('counts are true from the leaf to the root', () => {
  const at = rig();
  htb(at, TREE);
  at.tc.qdisc.add({ parent: '1:4', handle: '40:', kind: 'pfifo', limit: 3 });
  at.stop();
  for (let i = 0; i < 5; i++) at.send({ flow: 4 });
  at.send({ flow: 2 });
  expect(at.root()).toMatchObject({ qlen: 4, backlog: 400, drops: 2 });
  expect(at.tc.class.find('1:4')!.stats).toMatchObject({ qlen: 3, backlog: 300, drops: 2 });
  at.tc.class.delete({ classid: '1:4' });
  expect(at.root()).toMatchObject({ qlen: 1, backlog: 100 });
  expect(at.pool.drops[DropReason.QUEUE_PURGE]).toBe(3);
  at.go();
  expect(at.root()).toMatchObject({ qlen: 0, backlog: 0, packets: 1 });
});

test('a class becomes an inner one and a leaf again', () => {
  const at = rig();
  htb(at, [{ id: 1, rate: '8mbit' }]);
  at.stop();
  at.send({ flow: 1 });
  at.tc.class.add({ classid: '1:5', parent: '1:1', rate: '4mbit' });
  expect(at.root().qlen).toBe(0);
  expect(at.tc.class.show()).toContain(
    'class htb 1:1 root rate 8Mbit ceil 8Mbit linklayer ethernet burst 1600b/1 mpu 0b cburst 1600b/1 mpu 0b level 7',
  );
  expect(() => at.tc.class.delete({ classid: '1:1' })).toThrow('classes below');
  expect(() => at.tc.qdisc.add({ parent: '1:1', kind: 'pfifo' })).toThrow('classes below');
  at.tc.class.delete({ classid: '1:5' });
  at.send({ flow: 1 });
  expect(at.root().qlen).toBe(1);
  at.go();
  expect(at.sent).toHaveLength(1);
});

test('change of a class holds at once, also of its priority', () => {
  const at = rig();
  htb(at, TREE);
  at.tc.class.change({ classid: '1:1', rate: '20mbit' });
  at.tc.class.change({ classid: '1:2', rate: '12mbit', ceil: '20mbit', prio: 3 });
  const [two] = rates(at, [2]);
  expect(two).toBeCloseTo(20, 0);
  expect(at.tc.class.show()).toContain('class htb 1:2 parent 1:1 prio 3 quantum 150000 rate 12Mbit ceil 20Mbit');
});

test('what makes no sense is refused', () => {
  const at = rig();
  htb(at, TREE);
  const add = at.tc.class;
  expect(() => add.add({ classid: '1:9', parent: '1:1' })).toThrow('no rate');
  expect(() => add.add({ classid: '1:9', parent: '1:77', rate: '1mbit' })).toThrow('no class 1:77');
  expect(() => add.add({ classid: '1:9', parent: '1:1', rate: '1mbit', prio: 8 })).toThrow('prio');
  expect(() => add.add({ classid: '7:9', rate: '1mbit' })).toThrow('no qdisc 7:');
  const deep = [5, 6, 7, 8, 9, 10];
  for (const id of deep) add.add({ classid: 0x10000 + id, parent: 0x10000 + (id === 5 ? 4 : id - 1), rate: '1mbit' });
  expect(() => add.add({ classid: '1:b', parent: '1:a', rate: '1mbit' })).toThrow('deep');
});
