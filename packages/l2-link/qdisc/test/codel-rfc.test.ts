/** CoDel against the pseudo-code of RFC 8289, written down here as section 5 has it, with what Linux does otherwise as a choice. */
import { qdiscPktLen } from '@stack/netdev';
import { Skbs, type SkBuff } from '@stack/skb';
import { describe, expect, test } from 'vitest';
import { setCbTime } from '../src/base/cb.ts';
import { CodelConfig, CodelState, CodelStats, type CodelSource } from '../src/codel/control.ts';
import { MSEC, rig, SEC, type Rig } from './rig.ts';

const TARGET = 5 * MSEC;
const INTERVAL = 100 * MSEC;
const BYTES = 1000;

/** RFC 8289, section 5: a queue of arrival times. */
class Reference {
  readonly queue: number[] = [];
  count = 0;
  lastcount = 0;
  dropping = false;
  firstAboveTime = 0;
  dropNext = 0;
  readonly #maxpacket: number;
  /** Linux wants the delay above the target for more than an interval; the RFC is content with just an interval. */
  readonly #more: number;

  constructor(maxpacket: number, linux: boolean) {
    this.#maxpacket = maxpacket;
    this.#more = linux ? 1 : 0;
  }

  /** Section 5.6. */
  #dodequeue(now: number): { arrived: number | null; okToDrop: boolean } {
    const arrived = this.queue.shift();
    if (arrived === undefined) {
      this.firstAboveTime = 0;
      return { arrived: null, okToDrop: false };
    }
    if (now - arrived < TARGET || this.queue.length * BYTES <= this.#maxpacket) {
      this.firstAboveTime = 0;
    } else if (this.firstAboveTime === 0) {
      this.firstAboveTime = now + INTERVAL;
    } else if (now >= this.firstAboveTime + this.#more) {
      return { arrived, okToDrop: true };
    }
    return { arrived, okToDrop: false };
  }

  /** Section 5.5. Returns how many it dropped, and the packet. */
  dequeue(now: number): { drops: number; arrived: number | null } {
    let drops = 0;
    let r = this.#dodequeue(now);
    if (this.dropping) {
      if (!r.okToDrop) this.dropping = false;
      while (now >= this.dropNext && this.dropping) {
        drops++;
        this.count++;
        r = this.#dodequeue(now);
        if (!r.okToDrop) this.dropping = false;
        else this.dropNext = this.#controlLaw(this.dropNext);
      }
    } else if (r.okToDrop) {
      drops++;
      r = this.#dodequeue(now);
      this.dropping = true;
      const delta = this.count - this.lastcount;
      this.count = delta > 1 && now - this.dropNext < 16 * INTERVAL ? delta : 1;
      this.dropNext = this.#controlLaw(now);
      this.lastcount = this.count;
    }
    return { drops, arrived: r.arrived };
  }

  /** Section 5.6, in whole nanoseconds. */
  #controlLaw(from: number): number {
    return from + Math.floor(INTERVAL / Math.sqrt(this.count));
  }
}

function codel(): Rig {
  const at = rig();
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'codel', limit: 1_000_000 });
  at.stop();
  return at;
}

/** Packets come every `every` ns, and one leaves every 100 us. Both queues see the same; tells when each dropped. */
function both(phases: readonly { time: number; every: number }[], linux = true): [ours: number[], theirs: number[]] {
  const at = codel();
  const qdisc = at.root();
  const reference = new Reference(1514, linux);
  const [ours, theirs]: [number[], number[]] = [[], []];
  at.pool.onDrop = () => ours.push(at.clock.now());
  let next = 0;
  let until = 0;
  let apart = 0;
  for (const { time, every } of phases) {
    until += time;
    next = Math.max(next, at.clock.now());
    while (at.clock.now() < until) {
      const now = at.clock.now();
      for (; next <= now; next += every) {
        qdisc.enqueue(at.make({ bytes: BYTES }));
        reference.queue.push(now);
      }
      qdisc.dequeue()?.consume();
      theirs.push(...new Array<number>(reference.dequeue(now).drops).fill(now));
      if (qdisc.qlen !== reference.queue.length) apart++;
      at.clock.runFor(100_000);
    }
  }
  if (linux) {
    expect(apart).toBe(0);
    expect(qdisc.xstats!()).toMatchObject({ count: reference.count, lastcount: reference.lastcount });
  }
  at.pool.onDrop = null;
  qdisc.reset();
  return [ours, theirs];
}

describe('RFC 8289', () => {
  test('5.6: at a constant overload drops come interval/sqrt(count) after each other', () => {
    const [ours, theirs] = both([{ time: 2 * SEC, every: 80_000 }]);
    expect(ours.length).toBeGreaterThan(60);
    expect(ours).toEqual(theirs);
    // The instants of the schedule itself, each at the next of our looks.
    const expected = [ours[0]];
    for (let count = 1, at = ours[0]; expected.length < 60; count++) {
      at += Math.floor(INTERVAL / Math.sqrt(count));
      expected.push(Math.ceil(at / 100_000) * 100_000);
    }
    expect(ours.slice(0, 60)).toEqual(expected);
  });

  test('5.5: a queue that is too long again soon goes on with the drops of the last phase, later it begins anew', () => {
    const overload = { time: 400 * MSEC, every: 85_000 };
    for (const pause of [50 * MSEC, 300 * MSEC, SEC, 2 * SEC]) {
      const [ours, theirs] = both([overload, { time: pause, every: 20 * MSEC }, overload, overload]);
      expect(ours.length).toBeGreaterThan(5);
      expect(ours).toEqual(theirs);
    }
  });

  test('5.6: at the edge of an interval Linux waits for the next packet, where the RFC drops', () => {
    const [first, later] = both([{ time: 400 * MSEC, every: 70_000 }], false);
    expect(first[0] - later[0]).toBe(100_000);
  });

  test('5.6: nothing is dropped while no more than a frame of the device stays behind', () => {
    for (const [waiting, isDropped] of [
      [2, false],
      [3, true],
    ] as const) {
      const at = codel();
      const drops: number[] = [];
      at.pool.onDrop = (_, reason) => drops.push(reason);
      for (let i = 0; i < waiting; i++) at.root().enqueue(at.make({ bytes: BYTES }));
      for (let i = 0; i < 40; i++) {
        at.clock.runFor(20 * MSEC);
        at.root().dequeue()?.consume();
        while (at.root().qlen < waiting) at.root().enqueue(at.make({ bytes: BYTES }));
      }
      expect(drops.length > 0).toBe(isDropped);
      at.pool.onDrop = null;
      at.root().reset();
    }
  });
});

test('RFC 8289, 5.6: a queue that was empty has not been above the target, though others of its discipline have packets', () => {
  const at = rig();
  const packets: SkBuff[] = [];
  let drops = 0;
  const source: CodelSource = {
    codelShift: () => packets.shift() ?? null,
    codelBacklog: () => 100_000,
    codelDrop: (skb) => {
      drops++;
      skb.consume();
    },
  };
  const [state, config, stats] = [new CodelState(), new CodelConfig(1514, false), new CodelStats()];
  const look = (now: number, packet: boolean): void => {
    if (packet) {
      const skb = at.make({ bytes: BYTES });
      setCbTime(skb, now - 10 * MSEC);
      expect(qdiscPktLen(skb)).toBe(BYTES);
      packets.push(skb);
    }
    state.dequeue(source, config, stats, now)?.consume();
  };
  look(SEC, true);
  look(SEC + 50 * MSEC, false);
  look(SEC + 150 * MSEC, true);
  expect(drops).toBe(0);
  look(SEC + 251 * MSEC, true);
  expect(drops).toBe(1);
  expect(at.host.get(Skbs)).toBe(at.pool);
});
