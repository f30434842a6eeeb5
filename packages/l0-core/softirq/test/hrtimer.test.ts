import { machine, testHost } from '@stack/testing';
import { expect, it } from 'vitest';
import { Hrtimer, NET_TX_SOFTIRQ, Smp } from '../src/index.ts';

it('expires to the nanosecond, in interrupt context, and serves what it raises', () => {
  const lab = machine({ timers: true });
  const cpus = testHost(lab, 'alice').get(Smp);
  const log: string[] = [];
  cpus.openSoftirq(NET_TX_SOFTIRQ, ({ context }) => log.push(`${context} at ${lab.clock.now()}`));
  const timer = new Hrtimer(cpus.boot, () => {
    log.push(`${cpus.boot.context} at ${lab.clock.now()}`);
    cpus.boot.raiseSoftirqIrqoff(NET_TX_SOFTIRQ);
  });
  timer.start(999);
  timer.start(1234);
  expect([timer.armed, timer.expires]).toEqual([true, 1234]);
  lab.clock.runToEnd();
  expect(log).toEqual(['hardirq at 1234', 'softirq at 1234']);
  expect(timer.armed).toBe(false);
});

it('that is cancelled does not expire', () => {
  const lab = machine({ timers: true });
  const timer = new Hrtimer(testHost(lab, 'alice').get(Smp).boot, () => expect.fail('expired'));
  timer.start(5);
  timer.cancel();
  lab.clock.runFor(10);
  expect(timer.armed).toBe(false);
});
