import { devChangeMtu } from '@stack/netdev';
import { describe, expect, it } from 'vitest';
import { e1000UpdateItr, itrInterval } from '../src/itr.ts';
import { ITR } from '../src/registers.ts';
import { openRig, type Rig } from './rig.ts';

const LOWEST = 0;
const LOW = 1;
const BULK = 2;

/** Nobody wants the frames. */
function receive(made: Rig, frames: number, length: number): void {
  for (let i = 0; i < frames; i++) made.chip.receive(new Uint8Array(length));
  made.lab.clock.drain();
}

describe('the interrupt rate', () => {
  it('has no limit unless one is given', () => {
    const made = openRig();
    expect(made.chip.regs[ITR >>> 2]).toBe(0);
  });

  it('is an interval in units of 256 ns', () => {
    expect([8000, 100, 100_000].map(itrInterval)).toEqual([488, 39_062, 39]);
    expect(openRig({ interruptThrottleRate: 8000 }).chip.regs[ITR >>> 2]).toBe(488);
  });

  it('adapts: it falls at once for bulk and rises by quarters of the goal for single packets', () => {
    const made = openRig({ interruptThrottleRate: 1 });
    expect(made.chip.regs[ITR >>> 2]).toBe(itrInterval(20_000));
    receive(made, 9, 1514);
    expect(made.chip.written(ITR)).toEqual([itrInterval(4000)]);
    receive(made, 1, 60);
    receive(made, 1, 60);
    expect(made.chip.written(ITR)).toEqual([4000, 9000, 26_500].map(itrInterval));
    for (let i = 0; i < 20; i++) receive(made, 1, 60);
    expect(made.chip.written(ITR).at(-1)).toBe(itrInterval(70_000));
  });

  it('begins anew when the chip is reset', () => {
    const made = openRig({ interruptThrottleRate: 1 });
    receive(made, 9, 1514);
    devChangeMtu(made.dev, 9000);
    made.lab.clock.drain();
    expect(made.chip.regs[ITR >>> 2]).toBe(itrInterval(20_000));
    receive(made, 9, 1514);
    expect(made.chip.regs[ITR >>> 2]).toBe(itrInterval(4000));
  });

  it('stays below the highest in the careful mode', () => {
    const made = openRig({ interruptThrottleRate: 3 });
    for (let i = 0; i < 20; i++) receive(made, 1, 60);
    expect(made.chip.written(ITR)).toEqual([]);
  });
});

describe('the kind of traffic', () => {
  it.each([
    [LOW, 0, 0, LOW],
    [LOW, 1, 60, LOWEST],
    [LOW, 9, 13_626, BULK],
    [LOW, 40, 12_000, LOWEST],
    [LOW, 20, 12_000, LOW],
    [LOW, 1, 9000, BULK],
    [LOWEST, 1, 9000, BULK],
    [LOWEST, 4, 600, LOW],
    [LOWEST, 10, 600, LOWEST],
    [BULK, 64, 30_000, LOW],
    [BULK, 20, 30_000, BULK],
    [BULK, 4, 5000, LOW],
  ])('from %i, with %i packets of %i bytes: %i', (before, packets, bytes, after) => {
    expect(e1000UpdateItr(before, packets, bytes)).toBe(after);
  });
});
