import { describe, expect, it } from 'vitest';
import { MSEC, RealClock, realClock, Timer, USEC, type Platform } from '../src/index.ts';

/** Surroundings in which time passes only when told, and that tell what was asked of them. */
class FakePlatform implements Platform {
  ms = 5000;
  reads = 0;
  alive = 0;
  macrotasks: (() => void)[] = [];
  sleeps: { at: number; fn: () => void }[] = [];

  now(): number {
    this.reads++;
    return this.ms;
  }

  macrotask(fn: () => void): void {
    this.macrotasks.push(fn);
  }

  after(ms: number, fn: () => void): () => void {
    const sleep = { at: this.ms + ms, fn };
    this.sleeps.push(sleep);
    return () => {
      this.sleeps = this.sleeps.filter((other) => other !== sleep);
    };
  }

  keepAlive(): () => void {
    this.alive++;
    return () => void this.alive--;
  }

  /** One turn of the event loop: what was asked for before it began. */
  turn(): void {
    for (const fn of this.macrotasks.splice(0)) fn();
  }

  /** Sleeps until the first timer is due. */
  wake(): void {
    this.sleeps.sort((a, b) => a.at - b.at);
    const { at, fn } = this.sleeps.shift()!;
    this.ms = at;
    fn();
  }
}

function fake(): { platform: FakePlatform; clock: RealClock } {
  const platform = new FakePlatform();
  return { platform, clock: new RealClock(platform) };
}

describe('the real clock', () => {
  it('begins beyond the small integers and counts whole nanoseconds', () => {
    const { platform, clock } = fake();
    const beginning = clock.now();
    expect(beginning).toBeGreaterThan(2 ** 31);
    platform.ms += 1.5;
    expect(clock.now() - beginning).toBe(1.5 * MSEC);
  });

  it('runs all tasks of a turn in one macrotask, those posted by tasks too', () => {
    const { platform, clock } = fake();
    const order: string[] = [];
    clock.post({ run: () => (order.push('first'), clock.post({ run: () => void order.push('third') })) });
    clock.post({ run: () => void order.push('second') });
    expect([order, platform.macrotasks.length]).toEqual([[], 1]);
    platform.turn();
    expect([order, platform.macrotasks.length]).toEqual([['first', 'second', 'third'], 0]);
  });

  it('gives the event loop its turn after half a millisecond', () => {
    const { platform, clock } = fake();
    let runs = 0;
    const task = { run: () => (runs++, (platform.ms += 0.05), clock.post(task)) };
    clock.post(task);
    platform.turn();
    expect(runs).toBeGreaterThanOrEqual(10);
    expect(runs).toBeLessThan(10 + 8);
    const first = runs;
    platform.turn();
    expect(runs).toBeGreaterThan(first);
  });

  it('runs what yields in the next turn, when others had theirs', () => {
    const { platform, clock } = fake();
    const order: string[] = [];
    clock.post({ run: () => clock.yield({ run: () => void order.push('yielded') }) });
    clock.post({ run: () => void order.push('posted') });
    platform.turn();
    expect(order).toEqual(['posted']);
    platform.macrotask(() => void order.push('the application'));
    platform.turn();
    expect(order).toEqual(['posted', 'yielded', 'the application']);
  });

  it('tells a few tasks the same time, and the next one the true time', () => {
    const { platform, clock } = fake();
    const beginning = clock.now();
    const told: number[] = [];
    const since = () => clock.now() - beginning;
    const task = { run: () => (told.push(since(), since()), (platform.ms += 0.01)) };
    for (let i = 0; i < 8; i++) clock.post(task);
    platform.reads = 0;
    platform.turn();
    expect(told.map((ns) => ns / MSEC)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, ...new Array(8).fill(0.04)]);
    expect(platform.reads).toBe(3);
    expect([since(), ((platform.ms += 1), since())]).toEqual([0.08 * MSEC, 1.08 * MSEC]);
  });

  it('lets a long task see time pass', () => {
    const { platform, clock } = fake();
    let asked = 0;
    clock.post({
      run() {
        for (const end = clock.now() + 2 * MSEC; clock.now() < end; asked++) platform.ms += 0.5;
      },
    });
    platform.turn();
    expect(asked).toBeLessThan(20);
  });

  it('goes on after a task has thrown', () => {
    const { platform, clock } = fake();
    let ran = false;
    clock.post({
      run() {
        throw new Error('defect');
      },
    });
    clock.post({ run: () => (ran = true) });
    expect(() => platform.turn()).toThrow('defect');
    platform.turn();
    expect(ran).toBe(true);
  });
});

describe('timers of the real clock', () => {
  const log = (platform: FakePlatform, clock: RealClock): { at: number[]; timer: Timer } => {
    const at: number[] = [];
    return { at, timer: new Timer(clock, { run: () => void at.push(platform.ms - 5000) }) };
  };

  it('sleep for whole milliseconds and watch the rest', () => {
    const { platform, clock } = fake();
    const { at, timer } = log(platform, clock);
    timer.setIn(3.4 * MSEC);
    expect(platform.macrotasks).toHaveLength(0);
    platform.wake();
    expect(platform.ms).toBe(5003);
    for (let i = 0; i < 10 && at.length === 0; i++) {
      platform.turn();
      platform.ms += 0.1;
    }
    expect(at).toHaveLength(1);
    expect(at[0]).toBeGreaterThanOrEqual(3.4);
    expect(at[0]).toBeLessThan(3.6);
    expect([platform.macrotasks.length, platform.sleeps.length]).toEqual([0, 0]);
  });

  it('watch from the beginning when nearer than a millisecond', () => {
    const { platform, clock } = fake();
    const { at, timer } = log(platform, clock);
    timer.setIn(50 * USEC);
    expect([platform.sleeps.length, platform.macrotasks.length]).toEqual([0, 1]);
    platform.turn();
    expect(at).toEqual([]);
    platform.ms += 0.05;
    platform.turn();
    expect(at).toHaveLength(1);
  });

  it('ask for one sleep, until the first of them', () => {
    const { platform, clock } = fake();
    const timers = [30, 10, 20].map((ms) => {
      const { timer } = log(platform, clock);
      timer.setIn(ms * MSEC);
      return timer;
    });
    expect(platform.sleeps.map(({ at }) => at)).toEqual([5010]);
    timers[1].cancel();
    platform.wake();
    platform.turn();
    expect(platform.sleeps.map(({ at }) => at)).toEqual([5020]);
  });

  it('expire between tasks, too, when there are many', () => {
    const { platform, clock } = fake();
    const { at, timer } = log(platform, clock);
    timer.setIn(0.3 * MSEC);
    for (let i = 0; i < 100; i++) clock.post({ run: () => (platform.ms += 0.015) });
    platform.turn();
    expect(at).toHaveLength(1);
    expect(at[0]).toBeLessThan(0.45);
  });

  it('that arm themselves for the past do not keep the event loop', () => {
    const { platform, clock } = fake();
    let runs = 0;
    const timer = new Timer(clock, { run: () => (runs++, timer.set(0)) });
    timer.set(0);
    platform.turn();
    expect(runs).toBeGreaterThan(0);
    expect(platform.macrotasks).toHaveLength(1);
    timer.cancel();
  });
});

it('holding keeps the process alive until all have let go', () => {
  const { platform, clock } = fake();
  const [one, two] = [clock.hold(), clock.hold()];
  expect(platform.alive).toBe(1);
  one();
  one();
  expect(platform.alive).toBe(1);
  two();
  expect(platform.alive).toBe(0);
});

it("runs on this engine's event loop", async () => {
  const clock = realClock();
  const before = clock.now();
  await new Promise<void>((resolve) => clock.post({ run: resolve }));
  await new Promise<void>((resolve) => clock.post({ run: () => clock.yield({ run: resolve }) }));
  await new Promise<void>((resolve) => new Timer(clock, { run: resolve }).setIn(2 * MSEC));
  expect(clock.now() - before).toBeGreaterThanOrEqual(2 * MSEC);
});
