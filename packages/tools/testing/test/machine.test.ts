import { Clock, Random } from '@stack/clock';
import { Memory } from '@stack/memory';
import { DropReason, Skbs, type CheckingSkbPool } from '@stack/skb';
import { Smp } from '@stack/softirq';
import { beforeEach, describe, expect, it, test } from 'vitest';
import { machine, testHost, type Machine } from '../src/index.ts';

describe('a machine made in beforeEach', () => {
  let lab: Machine;
  beforeEach(() => {
    lab = machine({ seed: 7, cpus: 2 });
  });

  it('begins at 0 with seeded randomness', () => {
    expect(lab.clock.now()).toBe(0);
    expect(lab.random.int32()).toBe(machine({ seed: 7 }).random.int32());
  });

  it('gives hosts its clock, memory and CPUs, and each its own randomness', () => {
    const alice = testHost(lab, 'alice');
    const bob = testHost(lab, 'bob');
    expect(alice.get(Clock)).toBe(lab.clock);
    expect(alice.get(Memory)).toBe(lab.arena);
    expect(alice.get(Smp).all).toHaveLength(2);
    expect(alice.get(Random).int32()).not.toBe(bob.get(Random).int32());
  });

  it('closes its hosts when the test ends, before it looks for leaks', () => {
    const block = lab.arena.alloc(100);
    testHost(lab, 'alice', [{ name: 'door', attach: () => () => lab.arena.release(block) }]);
    expect(lab.arena.live).toBe(1);
  });

  it('is content when all that was allocated is freed', () => {
    const pool = testHost(lab, 'alice').get(Skbs);
    pool.alloc(100)!.consume();
    pool.alloc(100)!.drop(DropReason.NO_SOCKET);
    expect(pool.live).toBe(0);
    expect(lab.arena.live).toBe(0);
  });
});

describe('a test that leaks', () => {
  const leaky = (name: string, leak: () => void): void => test.fails(`fails: ${name}`, leak);

  leaky('a block', () => void machine().arena.alloc(100));
  leaky('a buffer', () => void testHost(machine(), 'alice').get(Skbs).alloc(100));
});

it('names the place where a leaked buffer was allocated', () => {
  const pool = testHost(machine(), 'alice').get(Skbs) as CheckingSkbPool;
  const skb = pool.alloc(100)!;
  expect(() => pool.check()).toThrow(/1 packet buffers .*machine\.test\.ts:\d+/s);
  skb.consume();
});
