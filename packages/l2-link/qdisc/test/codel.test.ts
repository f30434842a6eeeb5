import { ip } from '@stack/skb';
import { decodeFrame } from '@stack/testing';
import { expect, test } from 'vitest';
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
