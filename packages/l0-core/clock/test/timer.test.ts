import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Timer, virtualClock, type HeapTimer } from '../src/index.ts';
import { TimerHeap } from '../src/timer-heap.ts';

describe('a timer', () => {
  it('expires once, at its time, and is not armed by then', () => {
    const clock = virtualClock();
    const armed: boolean[] = [];
    const timer = new Timer(clock, { run: () => armed.push(timer.armed) });
    timer.set(100);
    expect(timer.armed).toBe(true);
    clock.runUntil(99);
    expect(armed).toEqual([]);
    clock.runUntil(1000);
    expect(armed).toEqual([false]);
  });

  it('armed again moves, forwards and backwards', () => {
    const clock = virtualClock(1000);
    const at: number[] = [];
    const timer = new Timer(clock, { run: () => at.push(clock.now()) });
    timer.setIn(100);
    timer.setIn(300);
    clock.runToEnd();
    timer.setIn(300);
    timer.setIn(100);
    clock.runToEnd();
    expect(at).toEqual([1300, 1400]);
  });

  it('cancelled does not expire; cancelling it again is harmless', () => {
    const clock = virtualClock();
    const run = vi.fn();
    const timer = new Timer(clock, { run });
    timer.setIn(1);
    timer.cancel();
    timer.cancel();
    clock.runToEnd();
    expect(run).not.toHaveBeenCalled();
    expect(timer.armed).toBe(false);
  });

  it('can arm itself again', () => {
    const clock = virtualClock();
    const at: number[] = [];
    const timer = new Timer(clock, {
      run() {
        at.push(clock.now());
        if (at.length < 3) timer.setIn(10);
      },
    });
    timer.setIn(10);
    clock.runToEnd();
    expect(at).toEqual([10, 20, 30]);
  });
});

it('a heap of timers is a sorted list, whatever is added and removed', () => {
  const step = fc.record({ action: fc.constantFrom('add', 'add', 'remove', 'take'), which: fc.nat(9), at: fc.nat(20) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const earlier = vi.fn();
      const heap = new TimerHeap(earlier);
      const timers = Array.from({ length: 10 }, (): HeapTimer => ({ at: 0, order: 0, slot: -1, run() {} }));
      let model: HeapTimer[] = [];
      for (const { action, which, at } of steps) {
        const timer = timers[which];
        if (action === 'add' && timer.slot < 0) {
          timer.at = at;
          const first = model[0]?.at ?? Infinity;
          earlier.mockClear();
          heap.add(timer);
          model.push(timer);
          model.sort((a, b) => a.at - b.at); // stable: equal times stay in the order of arming
          expect(earlier).toHaveBeenCalledTimes(at < first ? 1 : 0);
        }
        if (action === 'remove' && timer.slot >= 0) {
          heap.remove(timer);
          model = model.filter((other) => other !== timer);
        }
        if (action === 'take') expect(heap.takeDue(at)).toBe((model[0]?.at ?? Infinity) <= at ? model.shift() : null);
        expect([heap.size, heap.next]).toEqual([model.length, model[0]?.at ?? Infinity]);
        expect(timers.map(({ slot }) => slot >= 0)).toEqual(timers.map((other) => model.includes(other)));
      }
    }),
  );
});
