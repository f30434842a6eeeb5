import { describe, expect, it } from 'vitest';
import { MSEC, SEC, Timer, virtualClock } from '../src/index.ts';

const stalled = expect.objectContaining({ code: 'ERR_STACK_CLOCK_STALLED' });

describe('tasks', () => {
  it('run in the order in which they were posted, before timers of the same time', () => {
    const clock = virtualClock();
    const order: string[] = [];
    const log = (what: string) => ({ run: () => void order.push(what) });
    new Timer(clock, log('timer')).set(0);
    clock.post(log('first'));
    clock.yield(log('second'));
    clock.post({ run: () => clock.post(log('posted by the third')) });
    clock.post(log('fourth'));
    expect(clock.idle).toBe(false);
    clock.drain();
    expect(order).toEqual(['first', 'second', 'fourth', 'posted by the third', 'timer']);
    expect(clock.idle).toBe(true);
  });

  it('may be posted twice', () => {
    const clock = virtualClock();
    let runs = 0;
    const task = { run: () => void runs++ };
    clock.post(task);
    clock.post(task);
    clock.drain();
    expect(runs).toBe(2);
  });

  it('are all kept when there are many, in order', () => {
    const clock = virtualClock();
    const order: number[] = [];
    for (let i = 0; i < 100; i++) clock.post({ run() {} });
    clock.drain();
    for (let i = 0; i < 1000; i++) clock.post({ run: () => void order.push(i) });
    clock.drain();
    expect(order).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  });
});

describe('time', () => {
  it('stands still until told to move, and moves from event to event', () => {
    const clock = virtualClock(5);
    const at: number[] = [];
    for (const time of [30, 10, 20, 10]) new Timer(clock, { run: () => void at.push(clock.now()) }).set(time);
    expect([clock.now(), clock.nextTimer]).toEqual([5, 10]);
    expect(clock.step()).toBe(true);
    expect([clock.now(), at]).toEqual([10, [10, 10]]);
    expect(clock.step(19)).toBe(false);
    expect(clock.now()).toBe(10);
    clock.runUntil(25);
    expect([clock.now(), at]).toEqual([25, [10, 10, 20]]);
    clock.runToEnd();
    expect([clock.now(), clock.step(), clock.nextTimer]).toEqual([30, false, Infinity]);
  });

  it('never goes back', () => {
    const clock = virtualClock(100);
    const at: number[] = [];
    new Timer(clock, { run: () => void at.push(clock.now()) }).set(50);
    clock.runFor(10);
    clock.runUntil(20);
    expect([at, clock.now()]).toEqual([[100], 110]);
  });

  it('runs to a limit', () => {
    const clock = virtualClock();
    let runs = 0;
    const timer = new Timer(clock, { run: () => (runs++, timer.setIn(SEC)) });
    timer.setIn(SEC);
    clock.runToEnd(3.5 * SEC);
    expect([runs, clock.now()]).toEqual([3, 3 * SEC]);
  });
});

describe('settle', () => {
  it('moves time until the promise is fulfilled, and not further', async () => {
    const clock = virtualClock();
    new Timer(clock, { run() {} }).set(9 * SEC);
    const promise = new Promise<string>((resolve) => new Timer(clock, { run: () => resolve('done') }).set(5 * MSEC));
    expect(await clock.settle(promise)).toBe('done');
    expect(clock.now()).toBe(5 * MSEC);
  });

  it('lets code between events await whatever it wants', async () => {
    const clock = virtualClock();
    const sleep = (ns: number) => new Promise<void>((resolve) => new Timer(clock, { run: resolve }).setIn(ns));
    const program = async (): Promise<number[]> => {
      const at = [];
      for (const ns of [3, 4, 5]) {
        await sleep(ns);
        await new Promise((resolve) => setImmediate(resolve));
        at.push(clock.now());
      }
      return at;
    };
    expect(await clock.settle(program())).toEqual([3, 7, 12]);
  });

  it('hands on the rejection', async () => {
    await expect(virtualClock().settle(Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  it('says so when nothing can settle the promise any more', async () => {
    const clock = virtualClock(77);
    await expect(clock.settle(new Promise(() => {}))).rejects.toThrow(stalled);
    await expect(clock.settle(new Promise(() => {}))).rejects.toThrow('77 ns');
  });

  it('ends at a limit', async () => {
    const clock = virtualClock();
    const timer = new Timer(clock, { run: () => timer.setIn(SEC) });
    timer.setIn(SEC);
    await expect(clock.settle(new Promise(() => {}), 4 * SEC)).rejects.toThrow(stalled);
    expect(clock.now()).toBe(4 * SEC);
    timer.cancel();
  });
});
