import { SEC } from '@stack/clock';
import { machine } from '@stack/testing';
import { expect, test } from 'vitest';
import { createSwitch, Frame, type CableOptions } from '../src/index.ts';
import { Recorder } from './bench.ts';

function office(options: CableOptions = {}) {
  const { clock, random, arena } = machine({ seed: 7, timers: true });
  const sw = createSwitch({ clock, random, arena, ports: 4, ...options });
  const pcs = sw.ports.map((port) => {
    const pc = new Recorder(() => clock.now());
    port.plug(pc);
    return pc;
  });
  clock.drain();
  const send = (from: number, to: number, length = 60): void => {
    const frame = new Frame(new Uint8Array(length));
    frame.memory.set([to === 0xff ? 0xff : 2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, from]);
    frame.add(0, length);
    sw.ports[from].send(frame);
  };
  const got = (): number[] => pcs.map(({ arrivals }) => arrivals.length);
  return { clock, arena, sw, send, got };
}

test('floods what it does not know, then learns', () => {
  const { sw, send, got } = office();
  send(0, 1);
  expect(got()).toEqual([0, 1, 1, 1]);
  send(1, 0);
  expect(got()).toEqual([1, 1, 1, 1]);
  send(0, 1);
  expect(got()).toEqual([1, 2, 1, 1]);
  expect([sw.flooded, sw.forwarded]).toEqual([1, 2]);
});

test('broadcasts go to all others', () => {
  const { send, got } = office();
  send(2, 0xff);
  expect(got()).toEqual([1, 1, 0, 1]);
});

test('forgets after five minutes, and when the cable is pulled', () => {
  const { clock, sw, send, got } = office();
  send(1, 0xff);
  clock.runFor(299 * SEC);
  send(0, 1);
  clock.runFor(2 * SEC);
  send(0, 1);
  expect(got()).toEqual([1, 2, 2, 2]);
  send(1, 0xff);
  sw.cables[1].unplug();
  clock.drain();
  send(0, 1);
  expect(got()).toEqual([2, 2, 4, 4]);
});

test('follows a host that moves', () => {
  const { send, got } = office();
  send(0, 0xff);
  send(1, 0);
  send(0, 0xff);
  expect(got()).toEqual([1, 2, 2, 2]);
});

test('a damaged frame goes no further', () => {
  const { sw, send, got } = office({ corrupt: 1 });
  send(0, 0xff);
  expect([got(), sw.fcsErrors]).toEqual([[0, 0, 0, 0], 1]);
});

test('two senders to one port overflow its queue', () => {
  const { clock, arena, sw, send, got } = office({ rate: '1Gbit', aToB: { rate: 0 }, bToA: { queue: 10 } });
  send(3, 0xff);
  for (let i = 0; i < 10; i++) {
    send(0, 3);
    send(1, 3);
  }
  clock.runToEnd();
  expect(got()[3]).toBe(11);
  expect(sw.cables[3].statistics.bToA.queueDrops).toBe(9);
  expect(arena.live).toBe(0);
});

test('a port with a rate has a queue of its own accord', () => {
  const { clock, sw, send } = office({ rate: '1Mbit', aToB: { rate: 0 } });
  for (let i = 0; i < 500; i++) send(0, 0xff, 1500);
  clock.runToEnd();
  expect(sw.cables[1].statistics.bToA.maxQueueBytes).toBeGreaterThan(500_000);
  expect(sw.cables[1].statistics.bToA.queueDrops).toBeGreaterThan(100);
});

test('needs two ports', () => {
  expect(() => createSwitch({ ...machine(), ports: 1 })).toThrow(/give 2 to 1024/);
});
