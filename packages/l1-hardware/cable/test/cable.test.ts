import { MSEC, RealClock, USEC } from '@stack/clock';
import { machine } from '@stack/testing';
import { describe, expect, test } from 'vitest';
import { createCable, fateName, FRAME_OVERHEAD, type CableOptions } from '../src/index.ts';
import { frameOf, Recorder, wired } from './bench.ts';

const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe('a cable without options', () => {
  test('hands the very frame over, during send', () => {
    const { cable, b } = wired();
    const sent = frameOf(9);
    let same = false;
    b.receive = (frame) => (same = frame === sent);
    cable.a.send(sent);
    expect(same).toBe(true);
  });

  test('is full duplex', () => {
    const { cable, a, b } = wired();
    cable.a.send(frameOf(1));
    cable.b.send(frameOf(2));
    expect([a.numbers, b.numbers]).toEqual([[2], [1]]);
    expect(cable.statistics.aToB).toMatchObject({ frames: 1, bytes: 100, delivered: 1 });
  });
});

describe('rate and delay', () => {
  test('a frame arrives when its last bit has left, and the delay later', () => {
    const { clock, cable, b, arena } = wired({ rate: '100Mbit', delay: '2ms' });
    cable.a.send(frameOf(0, 1000 - FRAME_OVERHEAD));
    cable.a.send(frameOf(1, 1000 - FRAME_OVERHEAD));
    expect(cable.a.nextFree).toBe(160 * USEC);
    expect(cable.b.nextFree).toBe(0);
    clock.runToEnd();
    expect(b.arrivals.map(({ at }) => at)).toEqual([2 * MSEC + 80 * USEC, 2 * MSEC + 160 * USEC]);
    expect(b.arrivals[1].bytes).toEqual([1, ...Array<number>(975).fill(0x55)]);
    expect(arena.live).toBe(0);
  });

  test('rounding does not slow a fast wire down', () => {
    const { clock, cable, b } = wired({ rate: '100Gbit' });
    for (let i = 0; i < 1000; i++) cable.a.send(frameOf(i & 0xff, 60));
    clock.runToEnd();
    expect(Math.abs(b.arrivals[999].at - (1000 * 84 * 8) / 100)).toBeLessThanOrEqual(1);
  });

  test('on a real clock, which wakes late, the wire still reaches its rate', () => {
    let turn!: () => void;
    let ms = 0;
    const clock = new RealClock({
      now: () => ms,
      macrotask: (fn) => (turn = fn),
      after: () => () => {},
      keepAlive: () => () => {},
    });
    const { random, arena } = machine();
    const cable = createCable({ clock, random, arena, rate: '8Mbit' });
    const b = new Recorder(() => clock.now());
    cable.a.plug(b);
    cable.b.plug(b);
    const send = (): number => {
      let frames = 0;
      for (; cable.a.nextFree <= clock.now(); frames++) cable.a.send(frameOf(0, 100 - FRAME_OVERHEAD));
      return frames;
    };
    ms = 5;
    expect(send()).toBe(1);
    ms = 6;
    expect(send()).toBe(10); // 0.9 ms late
    ms = 9;
    expect(send()).toBe(1); // 2.9 ms late: it had nothing to send
    turn();
    expect(b.arrivals.length).toBe(11);
    cable.unplug();
  });

  test('frames due at the same instant arrive in one event', () => {
    const { clock, cable, b } = wired({ delay: '1ms' });
    for (const n of count(5)) cable.a.send(frameOf(n));
    expect(clock.step()).toBe(true);
    expect(b.numbers).toEqual(count(5));
    expect(clock.nextTimer).toBe(Infinity);
  });

  test('a delay that gets shorter does not reorder', () => {
    const { clock, cable, b } = wired({ delay: '5ms' });
    cable.a.send(frameOf(0));
    cable.configure({ delay: 0 });
    cable.a.send(frameOf(1));
    clock.runToEnd();
    expect(b.numbers).toEqual([0, 1]);
  });

  test('each direction may have its own options, also later', () => {
    const { clock, cable, a, b } = wired({ delay: '1ms', bToA: { delay: '3ms' } });
    cable.a.send(frameOf(0));
    cable.b.send(frameOf(0));
    clock.runToEnd();
    expect([a.arrivals[0].at, b.arrivals[0].at]).toEqual([3 * MSEC, MSEC]);
    cable.configure({ aToB: { loss: 1 } });
    cable.a.send(frameOf(1));
    cable.b.send(frameOf(1));
    clock.runToEnd();
    expect([a.numbers, b.numbers]).toEqual([[0, 1], [0]]);
    expect(a.arrivals[1].at).toBe(6 * MSEC);
  });
});

describe('a queue', () => {
  test('of frames drops the tail, and drains at the rate', () => {
    const { clock, cable, b } = wired({ rate: 8e6, queue: 3 });
    for (const n of count(6)) cable.a.send(frameOf(n, 1000 - FRAME_OVERHEAD));
    expect(cable.a.nextFree).toBe(0);
    clock.runUntil(2 * MSEC);
    cable.a.send(frameOf(6));
    clock.runToEnd();
    expect(b.numbers).toEqual([0, 1, 2, 3, 6]);
    expect(cable.statistics.aToB).toMatchObject({ queueDrops: 2, maxQueueFrames: 3, delivered: 5 });
  });

  test('of bytes counts bytes', () => {
    const { clock, cable, b } = wired({ rate: 8e6, queue: '2KB' });
    for (const n of count(5)) cable.a.send(frameOf(n, 1000));
    clock.runToEnd();
    for (const n of [5, 6, 7, 8]) cable.a.send(frameOf(n, 1000));
    clock.runToEnd();
    expect(b.numbers).toEqual([0, 1, 2, 5, 6, 7]);
    expect(cable.statistics.aToB.maxQueueBytes).toBe(2000);
  });

  test('holds more frames than its ring began with', () => {
    const { clock, cable, b } = wired({ rate: 8e6, queue: 200 });
    for (const n of count(250)) cable.a.send(frameOf(n, 60));
    clock.runToEnd();
    expect(b.numbers).toEqual(count(201));
  });
});

describe('a bad cable', () => {
  const thousand = (options: CableOptions) => {
    const bench = wired(options);
    for (let i = 0; i < 1000; i++) bench.cable.a.send(frameOf(i & 0xff));
    bench.clock.runToEnd();
    expect(bench.arena.live).toBe(0);
    return { ...bench, statistics: bench.cable.statistics.aToB };
  };

  test('loses the share asked for, and the same frames for the same seed', () => {
    const first = thousand({ loss: 0.2 });
    expect(first.statistics.lost).toBeGreaterThan(150);
    expect(first.statistics.lost).toBeLessThan(250);
    expect(first.b.arrivals.length).toBe(1000 - first.statistics.lost);
    expect(thousand({ loss: 0.2 }).b.numbers).toEqual(first.b.numbers);
  });

  test('loses by rule', () => {
    const { b } = thousand({ loss: (_, index) => index !== 17 });
    expect(b.numbers).toEqual([17]);
  });

  test('duplicates arrive right after', () => {
    const { b, statistics } = thousand({ duplicate: 0.1, delay: '1ms' });
    expect(statistics.duplicated).toBeGreaterThan(50);
    expect(b.arrivals.length).toBe(1000 + statistics.duplicated);
    expect(b.numbers.filter((n, i) => n === b.numbers[i - 1]).length).toBe(statistics.duplicated);
  });

  test.each([0, '1ms'] as const)('a corrupted frame differs in one bit and fails its FCS (delay %s)', (delay) => {
    const { b, statistics } = thousand({ corrupt: 0.1, delay });
    const bad = b.arrivals.filter(({ corrupt }) => corrupt);
    expect(bad.length).toBe(statistics.corrupted);
    expect(bad.length).toBeGreaterThan(50);
    const flipped = b.arrivals.map(
      ({ bytes }, i) => bits((bytes[0] ^ i) & 0xff) + sum(bytes.slice(1).map((x) => bits(x ^ 0x55))),
    );
    expect(flipped).toEqual(b.arrivals.map(({ corrupt }) => (corrupt ? 1 : 0)));
  });

  test('corruption may escape the FCS', () => {
    const { b, statistics } = thousand({ corrupt: { rate: 1, fcs: false } });
    expect(statistics.corrupted).toBe(1000);
    expect(b.arrivals.some(({ corrupt }) => corrupt)).toBe(false);
  });

  test('does not write to the memory of the sender', () => {
    const { cable } = wired({ corrupt: 1 });
    const frame = frameOf(1);
    const before = frame.memory.slice();
    cable.a.send(frame);
    expect(frame.memory).toEqual(before);
    expect(frame.corrupt).toBe(false);
  });

  test.each([0, '1ms'] as const)('a held frame is overtaken by as many as asked (delay %s)', (delay) => {
    const { clock, cable, b } = wired({ delay, reorder: { rate: 1, gap: 2 } });
    cable.a.send(frameOf(0));
    cable.configure({ reorder: 0 });
    for (const n of [1, 2, 3]) cable.a.send(frameOf(n));
    clock.runToEnd();
    expect(b.numbers).toEqual([1, 2, 0, 3]);
    expect(clock.now()).toBe(delay === 0 ? 0 : MSEC);
    expect(cable.statistics.aToB.reordered).toBe(1);
  });

  test('held frames that nobody overtakes arrive late, each in its time', () => {
    const { clock, cable, b } = wired({ delay: '1ms', reorder: { rate: 1, delay: '4ms' } });
    cable.a.send(frameOf(0));
    clock.runUntil(MSEC);
    cable.a.send(frameOf(1));
    clock.runToEnd();
    expect(b.arrivals.map(({ at }) => at)).toEqual([5 * MSEC, 6 * MSEC]);
    expect(b.numbers).toEqual([0, 1]);
  });

  test('loses nothing when everything happens at once', () => {
    const { b, statistics } = thousand({
      rate: '1Gbit',
      delay: '50us',
      loss: 0.1,
      duplicate: 0.1,
      reorder: 0.1,
      corrupt: 0.1,
    });
    expect(b.arrivals.length).toBe(1000 - statistics.lost + statistics.duplicated);
    expect(statistics.reordered).toBeGreaterThan(50);
  });

  test('a full arena is a counted drop', () => {
    const { clock, cable, b, arena } = wired({ delay: '1ms' }, 2 * 65_536);
    for (let i = 0; i < 100; i++) cable.a.send(frameOf(i, 1000));
    clock.runToEnd();
    expect(b.numbers).toEqual(count(64));
    expect(cable.statistics.aToB.memoryDrops).toBe(36);
    expect(arena.live).toBe(0);
  });
});

describe('the link', () => {
  test('is up while both ends are plugged in; both learn of it later, as a task', () => {
    const { clock, cable, a, b } = wired();
    expect([cable.up, a.links, b.links]).toEqual([true, [true], [true]]);
    cable.unplug();
    expect([cable.a.up, a.links]).toEqual([false, [true]]);
    clock.drain();
    expect([a.links, b.links]).toEqual([
      [true, false],
      [true, false],
    ]);
    cable.a.send(frameOf(0));
    cable.plug();
    clock.drain();
    expect(a.links).toEqual([true, false, true]);
    cable.a.send(frameOf(1));
    expect(b.numbers).toEqual([1]);
    expect(cable.statistics.aToB.linkDown).toBe(1);
  });

  test('that flaps within an instant is seen to flap', () => {
    const { clock, cable, a } = wired();
    cable.unplug();
    cable.plug();
    cable.plug();
    clock.drain();
    expect(a.links).toEqual([true, false, true]);
  });

  test('that goes down loses what is under way, and its time on the wire', () => {
    const { clock, cable, b, arena } = wired({ rate: 8e3, delay: '1s', reorder: { rate: 0.5 } });
    for (const n of count(10)) cable.a.send(frameOf(n));
    expect(arena.live).toBe(10);
    cable.unplug();
    expect([arena.live, cable.a.nextFree]).toEqual([0, 0]);
    clock.runToEnd();
    expect(b.numbers).toEqual([]);
    expect(cable.statistics.aToB.linkDown).toBe(10);
  });

  test('goes down when one end is pulled', () => {
    const { clock, random, arena, cable, a } = wired();
    const other = createCable({ clock, random, arena });
    const pull = other.b.plug(new Recorder(() => 0));
    other.a.plug(a);
    expect(other.up).toBe(true);
    pull();
    pull();
    expect(other.a.up).toBe(false);
    expect(cable.up).toBe(true);
  });
});

test('a capture sees each frame with its direction, time and fate', () => {
  const { clock, cable } = wired({
    rate: 8e6,
    queue: 1,
    aToB: { loss: (_, index) => index === 0 },
    bToA: { corrupt: 1, duplicate: 1 },
  });
  const seen: string[] = [];
  const undo = cable.capture((frame, direction, at, fate) =>
    seen.push(`${at} ${direction} ${frame.byteAt(0)} ${fateName(fate)}`),
  );
  for (const n of count(3)) cable.a.send(frameOf(n, 1000));
  cable.b.send(frameOf(3));
  clock.runToEnd();
  undo();
  cable.a.send(frameOf(4));
  cable.unplug();
  expect(seen).toEqual(['0 aToB 0 lost', '0 aToB 1 ', '0 aToB 2 queue full', '0 bToA 3 corrupted, duplicated']);
});

describe('mistakes throw at once, with the remedy', () => {
  test.each<[CableOptions, RegExp]>([
    [{ rate: '10 Mbit' as never }, /100Mbit/],
    [{ rate: -1 }, /unlimited/],
    [{ loss: 5 }, /fraction from 0 to 1/],
    [{ queue: 10 }, /give a rate too/],
    [{ rate: 1e9, queue: 0.5 }, /64KB/],
    [{ reorder: { rate: 0.1, gap: 0 } }, /from 1 on/],
    [{ corrupt: { rate: 0.1, crc: false } as never }, /rate, fcs/],
    [{ los: 0.1 } as never, /a cable knows rate, delay/],
    [{ aToB: { aToB: {} } as never }, /a cable knows rate/],
  ])('%j', (options, remedy) => {
    expect(() => wired(options)).toThrow(
      expect.objectContaining({ code: 'ERR_STACK_CABLE_OPTION', remedy: expect.stringMatching(remedy) }),
    );
  });

  test('a bad delay', () => expect(() => wired({ delay: '2 minutes' as never })).toThrow(/no duration/));

  test('a port taken', () => {
    const { cable, a } = wired();
    expect(() => cable.b.plug(a)).toThrow(expect.objectContaining({ code: 'ERR_STACK_PORT_TAKEN' }));
  });

  test('a change that is refused changes nothing', () => {
    const { cable, b } = wired();
    expect(() => cable.configure({ loss: 1, duplicate: 7 })).toThrow();
    cable.a.send(frameOf(1));
    expect(b.numbers).toEqual([1]);
  });
});

function bits(byte: number): number {
  return sum([...byte.toString(2)].map(Number));
}

function sum(numbers: number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
