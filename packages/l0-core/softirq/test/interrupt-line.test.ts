import { machine, testHost, type Machine } from '@stack/testing';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { IRQ_HANDLED, IRQ_NONE, Smp, type Cpus, type InterruptLine } from '../src/index.ts';

let lab: Machine;
let cpus: Cpus;
let line: InterruptLine;

beforeEach(() => {
  lab = machine({ cpus: 2, timers: true });
  cpus = testHost(lab, 'alice').get(Smp);
  line = cpus.allocateLine('eth0');
});

describe('a line', () => {
  it('has a number and a name of its own', () => {
    const other = cpus.allocateLine('eth1', cpus.all[1]);
    expect(other.irq).toBe(line.irq + 1);
    expect(cpus.lines.map(({ name }) => name)).toEqual(['eth0', 'eth1']);
  });

  it('never calls its handler inside the device', () => {
    const handler = vi.fn(() => IRQ_HANDLED);
    line.request(handler);
    line.pulse();
    expect(handler).not.toHaveBeenCalled();
    lab.clock.drain();
    expect(handler).toHaveBeenCalledExactlyOnceWith(line.irq);
  });

  it('does not call a handler for nothing', () => {
    const handler = vi.fn(() => IRQ_HANDLED);
    line.request(handler);
    lab.clock.drain();
    expect(handler).not.toHaveBeenCalled();
  });

  it('refuses a handler twice', () => {
    const handler = () => IRQ_HANDLED;
    line.request(handler);
    expect(() => line.request(handler)).toThrow(expect.objectContaining({ code: 'ERR_STACK_IRQ_TAKEN' }));
  });

  it('runs in interrupt context on its CPU, and on another one when steered there', () => {
    const contexts: string[] = [];
    line.request(() => {
      contexts.push(...cpus.all.map(({ context }) => context));
      return IRQ_HANDLED;
    });
    line.pulse();
    lab.clock.drain();
    line.cpu = cpus.all[1];
    line.pulse();
    lab.clock.drain();
    expect(contexts).toEqual(['hardirq', 'process', 'process', 'hardirq']);
    expect(cpus.all.map(({ interrupts }) => interrupts)).toEqual([1, 1]);
    expect(line.count).toBe(2);
  });

  it('forgets a handler that was taken back', () => {
    const handler = vi.fn(() => IRQ_HANDLED);
    const undo = line.request(handler);
    undo();
    undo();
    line.pulse();
    lab.clock.drain();
    expect(handler).not.toHaveBeenCalled();
  });
});

describe('a message', () => {
  it('interrupts once, and several at once only once more', () => {
    const handler = vi.fn(() => IRQ_HANDLED);
    line.request(handler);
    for (let i = 0; i < 3; i++) line.pulse();
    lab.clock.drain();
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it('that comes while the handler runs interrupts again', () => {
    const handler = vi.fn(() => IRQ_HANDLED);
    handler.mockImplementationOnce(() => (line.pulse(), IRQ_HANDLED));
    line.request(handler);
    line.pulse();
    lab.clock.drain();
    expect(handler).toHaveBeenCalledTimes(2);
  });

  it('is remembered while the line is masked', () => {
    const handler = vi.fn(() => IRQ_HANDLED);
    line.request(handler);
    line.disable();
    line.disable();
    line.pulse();
    line.pulse();
    line.enable();
    lab.clock.drain();
    expect(handler).not.toHaveBeenCalled();
    line.enable();
    lab.clock.drain();
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it('is remembered when the line is masked just before it is served', () => {
    const handler = vi.fn(() => IRQ_HANDLED);
    line.request(handler);
    line.pulse();
    line.disable();
    lab.clock.drain();
    expect(handler).not.toHaveBeenCalled();
    line.enable();
    lab.clock.drain();
    expect(handler).toHaveBeenCalledTimes(1);
  });
});

describe('a level', () => {
  it('interrupts until the device lets go', () => {
    let left = 3;
    line.request(() => {
      if (--left === 0) line.deassert();
      return IRQ_HANDLED;
    });
    line.assert();
    lab.clock.drain();
    expect(left).toBe(0);
    expect(line.count).toBe(3);
  });

  it('that was pulled before anyone listened is found', () => {
    line.assert();
    const handler = vi.fn(() => (line.deassert(), IRQ_HANDLED));
    line.request(handler);
    lab.clock.drain();
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it('that fell again before it was served interrupts nobody', () => {
    const handler = vi.fn(() => IRQ_HANDLED);
    line.request(handler);
    line.assert();
    line.deassert();
    lab.clock.drain();
    expect(handler).not.toHaveBeenCalled();
  });

  it('is looked at again when the mask goes, not remembered', () => {
    const handler = vi.fn(() => (line.deassert(), IRQ_HANDLED));
    line.request(handler);
    line.disable();
    line.assert();
    line.deassert();
    line.enable();
    lab.clock.drain();
    expect(handler).not.toHaveBeenCalled();
    line.disable();
    line.assert();
    lab.clock.drain();
    line.enable();
    lab.clock.drain();
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it('is shut when it never falls and nobody wants it', () => {
    line.request(() => IRQ_NONE);
    line.assert();
    lab.clock.drain();
    expect(line.spurious).toBe(99_900);
    line.assert();
    lab.clock.drain();
    expect(line.count).toBe(99_900);
  });
});

it('a shared line asks all its handlers', () => {
  const mine = vi.fn(() => IRQ_NONE);
  const yours = vi.fn(() => (line.deassert(), IRQ_HANDLED));
  line.request(mine);
  line.request(yours);
  line.assert();
  lab.clock.drain();
  expect([mine.mock.calls.length, yours.mock.calls.length, line.spurious]).toEqual([1, 1, 0]);
});
