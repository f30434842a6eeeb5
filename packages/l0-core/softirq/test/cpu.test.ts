import { MSEC, type Clock, type Task } from '@stack/clock';
import { machine, testHost, type Machine } from '@stack/testing';
import { tracing } from '@stack/trace';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  Cpus,
  HI_SOFTIRQ,
  IRQ_HANDLED,
  NET_RX_SOFTIRQ,
  NET_TX_SOFTIRQ,
  RCU_SOFTIRQ,
  Smp,
  TASKLET_SOFTIRQ,
  type Cpu,
} from '../src/index.ts';

let lab: Machine;
let cpus: Cpus;
let cpu: Cpu;

beforeEach(() => {
  lab = machine({ cpus: 2, timers: true });
  cpus = testHost(lab, 'alice').get(Smp);
  cpu = cpus.boot;
});

/** Raises softirqs in an interrupt, and lets it end. */
function interruptRaising(...numbers: number[]): void {
  cpu.runAsInterrupt({ run: () => numbers.forEach((nr) => cpu.raiseSoftirqIrqoff(nr)) });
}

describe('softirqs', () => {
  it('run at the end of the interrupt, in the order of their numbers', () => {
    const order: string[] = [];
    for (const nr of [RCU_SOFTIRQ, NET_RX_SOFTIRQ, HI_SOFTIRQ, NET_TX_SOFTIRQ]) {
      cpus.openSoftirq(nr, ({ context }) => order.push(`${nr} in ${context}`));
    }
    cpu.runAsInterrupt({
      run() {
        for (const nr of [NET_RX_SOFTIRQ, RCU_SOFTIRQ, HI_SOFTIRQ, NET_TX_SOFTIRQ]) cpu.raiseSoftirqIrqoff(nr);
        order.push(`interrupt in ${cpu.context}`);
      },
    });
    expect(order).toEqual(['interrupt in hardirq', '0 in softirq', '2 in softirq', '3 in softirq', '9 in softirq']);
    expect([cpu.context, cpu.pending, cpu.served[NET_RX_SOFTIRQ]]).toEqual(['process', 0, 1]);
  });

  it('run on the CPU where they were raised', () => {
    const action = vi.fn();
    cpus.openSoftirq(NET_RX_SOFTIRQ, action);
    cpus.all[1].runAsInterrupt({ run: () => cpus.all[1].raiseSoftirqIrqoff(NET_RX_SOFTIRQ) });
    expect(action).toHaveBeenCalledExactlyOnceWith(cpus.all[1]);
  });

  it('raised by softirqs run in the same go, after those of this round', () => {
    const order: number[] = [];
    cpus.openSoftirq(TASKLET_SOFTIRQ, () => order.push(TASKLET_SOFTIRQ));
    cpus.openSoftirq(NET_RX_SOFTIRQ, () => {
      order.push(NET_RX_SOFTIRQ);
      if (order.length === 1) cpu.raiseSoftirqIrqoff(HI_SOFTIRQ);
    });
    cpus.openSoftirq(HI_SOFTIRQ, () => order.push(HI_SOFTIRQ));
    interruptRaising(NET_RX_SOFTIRQ, TASKLET_SOFTIRQ);
    expect(order).toEqual([NET_RX_SOFTIRQ, TASKLET_SOFTIRQ, HI_SOFTIRQ]);
    expect(cpu.ksoftirqd.runs).toBe(0);
  });

  it('have one action each', () => {
    cpus.openSoftirq(NET_RX_SOFTIRQ, () => {});
    expect(() => cpus.openSoftirq(NET_RX_SOFTIRQ, () => {})).toThrow(
      expect.objectContaining({ code: 'ERR_STACK_SOFTIRQ_TAKEN' }),
    );
  });
});

describe('ksoftirqd', () => {
  it('takes over after ten rounds, and after ten of its own lets others run', () => {
    const log: string[] = [];
    let left = 25;
    cpus.openSoftirq(NET_RX_SOFTIRQ, ({ context }) => {
      log.push(context);
      if (--left > 0) cpu.raiseSoftirqIrqoff(NET_RX_SOFTIRQ);
    });
    lab.clock.post({ run: () => interruptRaising(NET_RX_SOFTIRQ) });
    lab.clock.post({ run: () => log.push('another task') });
    lab.clock.drain();
    const ten = (context: string): string[] => new Array<string>(10).fill(context);
    expect(log).toEqual([...ten('softirq'), 'another task', ...ten('ksoftirqd'), ...ten('ksoftirqd').slice(5)]);
    expect(cpu.ksoftirqd.runs).toBe(2);
  });

  it('takes over after 2 ms', () => {
    const { clock, turn } = slowClock();
    const slow = new Cpus('alice', clock, 1);
    const contexts: string[] = [];
    slow.openSoftirq(NET_RX_SOFTIRQ, ({ context }) => {
      contexts.push(context);
      clock.advance(0.7 * MSEC);
      if (contexts.length < 5) slow.boot.raiseSoftirqIrqoff(NET_RX_SOFTIRQ);
    });
    slow.boot.runAsInterrupt({ run: () => slow.boot.raiseSoftirqIrqoff(NET_RX_SOFTIRQ) });
    expect(contexts).toEqual(['softirq', 'softirq', 'softirq']);
    turn();
    expect(contexts.slice(3)).toEqual(['ksoftirqd', 'ksoftirqd']);
  });

  it('serves what a process raised without disabling softirqs', () => {
    const contexts: string[] = [];
    cpus.openSoftirq(NET_TX_SOFTIRQ, ({ context }) => contexts.push(context));
    cpu.raiseSoftirqIrqoff(NET_TX_SOFTIRQ);
    expect(contexts).toEqual([]);
    lab.clock.drain();
    expect(contexts).toEqual(['ksoftirqd']);
  });

  it('has nothing to do when an interrupt was faster', () => {
    const contexts: string[] = [];
    cpus.openSoftirq(NET_TX_SOFTIRQ, ({ context }) => contexts.push(context));
    cpu.raiseSoftirqIrqoff(NET_TX_SOFTIRQ);
    interruptRaising();
    lab.clock.drain();
    expect(contexts).toEqual(['softirq']);
    expect(cpu.ksoftirqd.runs).toBe(0);
  });
});

describe('localBhDisable', () => {
  it('makes softirqs wait for the outermost localBhEnable', () => {
    const action = vi.fn();
    cpus.openSoftirq(NET_TX_SOFTIRQ, action);
    cpu.localBhDisable();
    cpu.localBhDisable();
    cpu.raiseSoftirqIrqoff(NET_TX_SOFTIRQ);
    expect(cpu.inInterrupt).toBe(true);
    cpu.localBhEnable();
    expect(action).not.toHaveBeenCalled();
    cpu.localBhEnable();
    expect(action).toHaveBeenCalledTimes(1);
    expect(cpu.inInterrupt).toBe(false);
    lab.clock.drain();
    expect(cpu.ksoftirqd.runs).toBe(0);
  });

  it('inside a softirq does not start another one', () => {
    const order: string[] = [];
    cpus.openSoftirq(NET_RX_SOFTIRQ, () => {
      cpu.localBhDisable();
      cpu.raiseSoftirqIrqoff(NET_TX_SOFTIRQ);
      cpu.localBhEnable();
      order.push('receive');
    });
    cpus.openSoftirq(NET_TX_SOFTIRQ, () => order.push('transmit'));
    interruptRaising(NET_RX_SOFTIRQ);
    expect(order).toEqual(['receive', 'transmit']);
  });
});

it('tells tracers where code runs', () => {
  const seen: string[] = [];
  const note = (): void => void seen.push(`${tracing.context.host} ${tracing.context.cpu} ${tracing.context.context}`);
  cpus.openSoftirq(NET_RX_SOFTIRQ, note);
  const line = cpus.allocateLine('eth0', cpus.all[1]);
  line.request(() => {
    note();
    cpus.all[1].raiseSoftirqIrqoff(NET_RX_SOFTIRQ);
    return IRQ_HANDLED;
  });
  line.pulse();
  lab.clock.drain();
  cpu.localBhDisable();
  note();
  cpu.localBhEnable();
  expect(seen).toEqual(['alice 1 hardirq', 'alice 1 softirq', 'alice 0 process']);
});

it.each([0, 65, 1.5])('a host cannot have %d CPUs', (count) => {
  expect(() => new Cpus('alice', lab.clock, count)).toThrow(expect.objectContaining({ code: 'ERR_STACK_CPUS' }));
});

/** A clock that passes while code runs, as the real one does. */
function slowClock(): { clock: Clock & { advance(by: number): void }; turn: () => void } {
  let now = 0;
  const yielded: Task[] = [];
  const clock = {
    ...lab.clock,
    timers: lab.clock.timers,
    now: () => now,
    look: () => now,
    advance: (by: number) => void (now += by),
    post: (task: Task) => void yielded.push(task),
    yield: (task: Task) => void yielded.push(task),
    hold: () => () => {},
    drain: () => {},
  };
  return { clock, turn: () => yielded.splice(0).forEach((task) => task.run()) };
}
