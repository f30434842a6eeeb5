import { ip } from '@stack/skb';
import { decodeFrame } from '@stack/testing';
import { describe, expect, test } from 'vitest';
import { MSEC, rig, SEC, type Rig } from './rig.ts';

/** Times at which packets were dropped. */
function dropTimes(at: Rig): number[] {
  const times: number[] = [];
  at.pool.onDrop = () => times.push(at.clock.now());
  return times;
}

/** Takes a packet every `step` ns, for `time`. */
function drain(at: Rig, time: number, step: number): void {
  const qdisc = at.root();
  const until = at.clock.now() + time;
  while (at.clock.now() < until) {
    qdisc.dequeue()?.consume();
    at.clock.runFor(step);
  }
}

/** All waits since 0; the device is stopped, and packets are taken by hand. */
function full(at: Rig, packets: number, tos = 0): void {
  at.stop();
  for (let mark = 1; mark <= packets; mark++) at.root().enqueue(at.make({ mark, bytes: 1000, tos }));
}

test('the control law of RFC 8289: drops come at intervals that shrink with the root of their number', () => {
  const at = rig();
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'codel', limit: 20_000 });
  full(at, 15_000);
  const times = dropTimes(at);
  const step = 100_000;
  drain(at, SEC, step);
  // Above the target from 5 ms on; an interval later it is too long, and the next packet goes.
  const expected = [105 * MSEC + step];
  let next = expected[0] + 100 * MSEC;
  for (let count = 2; next < SEC; count++) {
    expected.push(Math.ceil(next / step) * step);
    next += Math.floor((100 * MSEC) / Math.sqrt(count));
  }
  expect(expected.length).toBeGreaterThan(15);
  expect(times).toEqual(expected);
  at.root().reset();
});

test('no drop while the delay is below the target, or less than a frame waits', () => {
  const at = rig();
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'codel' });
  at.stop();
  const times = dropTimes(at);
  for (let i = 0; i < 300; i++) {
    at.root().enqueue(at.make({ bytes: 1000 }));
    at.clock.runFor(4 * MSEC);
    at.root().dequeue()!.consume();
  }
  // One packet at a time may wait as long as it has to.
  for (let i = 0; i < 10; i++) {
    at.root().enqueue(at.make({ bytes: 1000 }));
    at.clock.runFor(50 * MSEC);
    at.root().dequeue()!.consume();
  }
  expect(times).toEqual([]);
});

test('it goes on where it was when the queue is too long again soon, and forgets after 16 intervals', () => {
  const counts = [2 * SEC, 10 * SEC].map((pause) => {
    const at = rig();
    at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'codel', limit: 20_000 });
    full(at, 12_000);
    drain(at, SEC, 100_000);
    const before = at.root().xstats!().count as number;
    while (at.root().qlen > 0) at.root().dequeue()!.consume();
    at.clock.runFor(pause - SEC);
    full(at, 4000);
    drain(at, 150 * MSEC, 100_000);
    const after = at.root().xstats!().count as number;
    at.root().reset();
    return [before, after];
  });
  expect(counts[0][0]).toBeGreaterThan(10);
  // One drop in 150 ms when all is forgotten.
  expect(counts[1]).toEqual([counts[0][0], 1]);
  expect(counts[0][1]).toBeGreaterThan(counts[0][0]);
});

test('marks instead of drops, and the header stays right', () => {
  const at = rig();
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'codel', limit: 20_000, ecn: true });
  full(at, 5000, 1);
  const times = dropTimes(at);
  let marked = 0;
  for (let i = 0; i < 4000; i++) {
    const skb = at.root().dequeue()!;
    if ((ip.tos(skb) & 3) === 3) {
      marked++;
      expect(ip.checkIsRight(skb)).toBe(true);
      expect(decodeFrame(at.pool.arena.u8.slice(skb.data, skb.tail))).toMatchObject({ ip: { checksumOk: true } });
    }
    skb.consume();
    at.clock.runFor(100_000);
  }
  expect(times).toEqual([]);
  expect(marked).toBe(at.root().xstats!().ecn_mark);
  expect(marked).toBeGreaterThan(3);
  at.pool.onDrop = null;
  at.root().reset();
});

test('the threshold for marks holds for each packet', () => {
  const at = rig();
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'codel', ceThreshold: '2ms' });
  full(at, 100, 2);
  const marks: boolean[] = [];
  for (let i = 0; i < 100; i++) {
    const skb = at.root().dequeue()!;
    marks.push((ip.tos(skb) & 3) === 3);
    skb.consume();
    at.clock.runFor(100_000);
  }
  expect(marks).toEqual(Array.from({ length: 100 }, (_, i) => i > 20));
});

test('the limit, and a smaller one', () => {
  const at = rig();
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'codel', limit: 10 });
  full(at, 12);
  expect(at.root()).toMatchObject({ qlen: 10, drops: 2 });
  at.tc.qdisc.change({ root: true, kind: 'codel', limit: 4, target: '1ms' });
  expect(at.root()).toMatchObject({ qlen: 4, backlog: 4000, drops: 8 });
  expect(at.root().dump!()).toMatchObject({ limit: '4p', target: '1ms', interval: '100ms' });
  expect(at.root().peek()!.u16(18)).toBe(7);
});

describe('fq_codel', () => {
  /** Frees packets and tells of their flows. */
  function take(at: Rig, count: number): number[] {
    return Array.from({ length: count }, () => {
      const skb = at.root().dequeue()!;
      const flow = skb.u16(34);
      skb.consume();
      return flow;
    });
  }

  function fqCodel(at: Rig, options: object = {}): void {
    at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'fq_codel', ...options });
    at.stop();
  }

  const put = (at: Rig, flow: number, bytes = 1000, tos = 0): number =>
    at.root().enqueue(at.make({ flow, bytes, tos }));

  test('flows take turns by bytes', () => {
    const at = rig();
    fqCodel(at);
    for (let i = 0; i < 60; i++) put(at, 1, 1514);
    for (let i = 0; i < 400; i++) put(at, 2, 214);
    const flows = take(at, 240);
    const bytes = [1, 2].map((flow) => flows.filter((one) => one === flow).length * (flow === 1 ? 1514 : 214));
    expect(Math.abs(bytes[0] - bytes[1])).toBeLessThan(2 * 1514);
    expect(bytes[0]).toBeGreaterThan(20 * 1514);
    at.root().reset();
  });

  test('a new flow goes before the others', () => {
    const at = rig();
    fqCodel(at);
    for (let i = 0; i < 20; i++) for (const flow of [1, 2]) put(at, flow, 500);
    take(at, 10);
    put(at, 3, 100);
    expect(take(at, 1)).toEqual([3]);
    // It ran empty: now it waits for its turn like the others.
    expect(take(at, 1)).not.toEqual([3]);
    put(at, 3, 100);
    expect(take(at, 1)).not.toEqual([3]);
    expect(take(at, 6)).toContain(3);
    at.root().reset();
  });

  test('when it is full the longest flow loses a batch, at most half of it', () => {
    const at = rig();
    fqCodel(at, { limit: 100, dropBatch: 64 });
    for (let i = 0; i < 90; i++) put(at, 1);
    for (let i = 0; i < 10; i++) put(at, 2);
    expect(put(at, 2)).toBe(0);
    expect(at.root()).toMatchObject({ qlen: 101 - 45, drops: 45, backlog: 56_000 });
    expect(at.root().xstats!()).toMatchObject({ drop_overlimit: 45, new_flow_count: 2 });
    expect(at.root().xstats!()).not.toHaveProperty('drop_overmemory');
    expect(take(at, 56).filter((flow) => flow === 2)).toHaveLength(11);
  });

  test('the sender of the longest flow is told', () => {
    const at = rig();
    fqCodel(at, { limit: 10, dropBatch: 1 });
    for (let i = 0; i < 10; i++) put(at, 1);
    expect(put(at, 1)).toBe(2);
    expect(at.root()).toMatchObject({ qlen: 10, drops: 1 });
    at.root().reset();
  });

  test('memory is limited too', () => {
    const at = rig();
    const each = at.make({ bytes: 1000 });
    const { truesize } = each;
    each.consume();
    fqCodel(at, { memoryLimit: 20 * truesize });
    for (let i = 0; i < 21; i++) put(at, 1);
    expect(at.root().xstats!()).toMatchObject({ drop_overmemory: 11, memory_used: 10 * truesize });
    at.root().reset();
  });

  test('each flow has a CoDel of its own, with marks', () => {
    const at = rig();
    fqCodel(at);
    for (let i = 0; i < 3000; i++) put(at, 1, 1000, 2);
    for (let i = 0; i < 1000; i++) {
      put(at, 2, 100);
      at.root().dequeue()!.consume();
      at.root().dequeue()!.consume();
      at.clock.runFor(500_000);
    }
    const { drops } = at.root();
    expect(drops).toBe(0);
    expect(at.root().xstats!().ecn_mark).toBeGreaterThan(5);
    at.root().reset();
  });

  test('filters name the flow; the number of flows is fixed', () => {
    const at = rig();
    fqCodel(at, { flows: 8 });
    at.tc.filter.add({ parent: '1:', classid: '1:3' });
    for (const flow of [1, 2, 3]) put(at, flow);
    expect(at.root().xstats!()).toMatchObject({ new_flow_count: 1 });
    expect(take(at, 3)).toEqual([1, 2, 3]);
    expect(() => at.tc.qdisc.change({ root: true, kind: 'fq_codel', flows: 9 })).toThrow('number of flows');
  });
});
