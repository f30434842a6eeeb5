import { MSEC } from '@stack/clock';
import { machine, testHost, type Machine } from '@stack/testing';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { HZ, TIMER_SOFTIRQ, Timers, WheelTimer, type TimerWheel } from '../src/index.ts';

let lab: Machine;
let wheel: TimerWheel;

beforeEach(() => {
  lab = machine({ timers: true });
  wheel = testHost(lab, 'alice').get(Timers).boot;
});

/** By how many jiffies a timer may be late that is armed for so many: the unit of its level. */
function allowed(delay: number): number {
  let unit = 1;
  while (delay >= 63 * unit) unit *= 8;
  return unit;
}

/** Jiffies at which a timer armed for `delay` from now expires. */
function expiryOf(delay: number): number {
  let at = -1;
  new WheelTimer(wheel, () => (at = wheel.jiffies)).mod(wheel.jiffies + delay);
  lab.clock.runToEnd();
  return at;
}

describe('a timer', () => {
  it.each([
    [0, 1],
    [1, 2],
    [62, 63],
    [63, 64],
    [64, 72],
    [200, 208],
    [503, 504],
    [504, 512],
    [3 * HZ, 3008],
    [75 * HZ, 77_824],
    [7200 * HZ, 7_340_032],
  ])('for %i jiffies from 0 expires at %i, as in Linux', (delay, at) => {
    expect(expiryOf(delay)).toBe(at);
  });

  it('for a time that has passed expires at once', () => {
    lab.clock.runFor(10.5 * MSEC);
    let at = -1;
    new WheelTimer(wheel, () => (at = lab.clock.now())).mod(3);
    lab.clock.runToEnd();
    expect(at).toBe(10.5 * MSEC);
  });

  it('for longer than the wheel reaches expires at its end', () => {
    const longest = 63 * 8 ** 8;
    const at = expiryOf(4 * longest);
    expect(at).toBeGreaterThan(longest - 8 ** 8);
    expect(at).toBeLessThanOrEqual(longest);
  });

  it('expires in the timer softirq', () => {
    const contexts: string[] = [];
    const timer = new WheelTimer(wheel, () => contexts.push(cpu.context));
    const { cpu } = wheel;
    timer.mod(1);
    lab.clock.runToEnd();
    expect(contexts).toEqual(['softirq']);
  });

  it('that is cancelled does not expire', () => {
    const timer = new WheelTimer(wheel, () => expect.fail('expired'));
    timer.mod(5);
    expect(timer.pending).toBe(true);
    timer.cancel();
    timer.cancel();
    expect([timer.pending, wheel.armed]).toEqual([false, 0]);
    lab.clock.runToEnd();
  });

  it('can be cancelled by another one of the same jiffy', () => {
    let expired = 0;
    const timers: WheelTimer[] = [];
    for (const other of [1, 0]) timers.push(new WheelTimer(wheel, () => (expired++, timers[other].cancel())));
    for (const timer of timers) timer.mod(5);
    lab.clock.runToEnd();
    expect([expired, wheel.armed]).toEqual([1, 0]);
  });

  it('armed in its handler waits a whole turn of the wheel', () => {
    const at: number[] = [];
    const timer = new WheelTimer(wheel, () => {
      at.push(wheel.jiffies);
      if (at.length < 3) timer.mod(wheel.jiffies + 63);
    });
    timer.mod(63);
    lab.clock.runToEnd();
    expect(at).toEqual([64, 128, 192]);
  });

  it('armed in its handler for a time that has passed waits for the next jiffy', () => {
    const at: number[] = [];
    const timer = new WheelTimer(wheel, () => {
      at.push(wheel.jiffies);
      if (at.length < 3) timer.mod(0);
    });
    timer.mod(5);
    lab.clock.runToEnd();
    expect(at).toEqual([6, 7, 8]);
  });

  it('armed by a handler while the wheel is late does not skip what is due', () => {
    const order: string[] = [];
    const armed = new WheelTimer(wheel, () => order.push(`armed ${wheel.jiffies}`));
    const first = new WheelTimer(wheel, () => {
      order.push(`first ${wheel.jiffies}`);
      armed.mod(wheel.jiffies + 62);
    });
    const second = new WheelTimer(wheel, () => order.push(`second ${wheel.jiffies}`));
    first.mod(5);
    second.mod(7);
    const { cpu } = wheel;
    cpu.localBhDisable();
    lab.clock.runUntil(40 * MSEC);
    cpu.localBhEnable();
    lab.clock.runToEnd();
    expect(order).toEqual(['first 40', 'second 40', 'armed 104']);
  });
});

interface Armed {
  timer: WheelTimer;
  /** When it was armed last and for when; null when it is not. */
  armed: { at: number; expires: number } | null;
}

it('never expires early, nor later than its distance allows, whatever is armed and cancelled meanwhile', () => {
  const delay = fc.oneof(fc.nat(70), fc.nat(600), fc.nat(5000), fc.nat(300_000), fc.nat(30_000_000));
  const step = fc.record({
    which: fc.nat(7),
    action: fc.constantFrom(
      'arm',
      'arm',
      'arm',
      'cancel',
      'wait',
      'wait',
      'wait with softirqs off',
      'arm when it expires',
    ),
    delay,
    wait: fc.oneof(fc.nat(3), fc.nat(100), fc.nat(10_000), fc.nat(1_000_000)),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const again = new Map<number, number>();
      let late = 0;
      const timers = Array.from({ length: 8 }, (_, i): Armed => {
        const timer = new WheelTimer(wheel, () => {
          const { armed } = timers[i];
          if (armed === null) return expect.fail('was not armed');
          const now = wheel.jiffies;
          expect(now).toBeGreaterThan(armed.expires);
          expect(now).toBeLessThanOrEqual(armed.expires + allowed(armed.expires - armed.at) + late);
          timers[i].armed = null;
          const next = again.get(i);
          again.delete(i);
          if (next !== undefined) arm(i, next);
        });
        return { timer, armed: null };
      });
      const arm = (i: number, by: number): void => {
        // Seen from a wheel that is late, the timer is further away.
        const at = wheel.jiffies - late;
        if (timers[i].armed?.expires !== wheel.jiffies + by) timers[i].armed = { at, expires: wheel.jiffies + by };
        timers[i].timer.mod(wheel.jiffies + by);
      };
      for (const { which, action, delay, wait } of steps) {
        if (action === 'arm') arm(which, delay);
        if (action === 'arm when it expires') again.set(which, delay);
        if (action === 'cancel') {
          timers[which].timer.cancel();
          timers[which].armed = null;
        }
        if (action === 'wait') lab.clock.runFor(wait * MSEC + (delay % MSEC));
        if (action === 'wait with softirqs off') {
          late = wait;
          wheel.cpu.localBhDisable();
          lab.clock.runFor(wait * MSEC);
          wheel.cpu.localBhEnable();
          late = 0;
        }
        expect(timers.map(({ timer }) => timer.pending)).toEqual(timers.map(({ armed }) => armed !== null));
      }
      lab.clock.runToEnd();
      expect(timers.filter(({ armed }) => armed !== null)).toEqual([]);
      expect(wheel.armed).toBe(0);
    }),
    { numRuns: 500 },
  );
});

it('wakes up only when a timer expires', () => {
  const { cpu } = wheel;
  const delays = fc.array(fc.oneof(fc.nat(200), fc.nat(100_000)), { minLength: 2, maxLength: 5 });
  fc.assert(
    fc.property(fc.nat(1_000_000), delays, (wait, delays) => {
      lab.clock.runFor(wait * MSEC);
      const before = cpu.served[TIMER_SOFTIRQ];
      const at = new Set<number>();
      for (const delay of delays) new WheelTimer(wheel, () => at.add(lab.clock.now())).mod(wheel.jiffies + delay);
      lab.clock.runToEnd();
      expect(cpu.served[TIMER_SOFTIRQ] - before).toBe(at.size);
    }),
  );
});

it('asks the clock for nothing when no timer is armed', () => {
  const timer = new WheelTimer(wheel, () => {});
  timer.mod(5);
  lab.clock.runToEnd();
  expect(lab.clock.now()).toBe(6 * MSEC);
  expect(lab.clock.nextTimer).toBe(Infinity);
});
