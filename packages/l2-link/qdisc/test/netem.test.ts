import { seededRandom } from '@stack/clock';
import { ip } from '@stack/skb';
import { describe, expect, test } from 'vitest';
import { MSEC, rig, SEC, type Rig } from './rig.ts';

function netem(options: object, seed = 1): Rig {
  const at = rig({ seed });
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'netem', limit: 100_000, ...options });
  return at;
}

/** Sends packets, one a millisecond, and tells how long each took; those that were lost are missing. */
function delays(at: Rig, packets: number): Map<number, number> {
  for (let mark = 0; mark < packets; mark++) {
    at.send({ mark, bytes: 60 });
    at.clock.runFor(MSEC);
  }
  at.clock.runFor(10 * SEC);
  return new Map(at.sent.map(({ mark, at: time }) => [mark, time - mark * MSEC]));
}

function moments(values: Iterable<number>): { mean: number; deviation: number } {
  const all = [...values];
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  return { mean, deviation: Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length) };
}

describe('delay', () => {
  test('is exact without jitter', () => {
    expect([...new Set(delays(netem({ delay: '5ms' }), 50).values())]).toEqual([5 * MSEC]);
  });

  test('without a distribution it is uniform', () => {
    const all = [...delays(netem({ delay: '50ms', jitter: '10ms' }), 5000).values()];
    const { mean, deviation } = moments(all);
    expect(mean / (50 * MSEC)).toBeCloseTo(1, 2);
    expect(deviation / ((10 * MSEC) / Math.sqrt(3))).toBeCloseTo(1, 1);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(40 * MSEC);
    expect(Math.max(...all)).toBeLessThanOrEqual(60 * MSEC);
  });

  test('normal: mean, deviation, and two thirds within one deviation', () => {
    const all = [...delays(netem({ delay: '50ms', jitter: '10ms', distribution: 'normal' }), 5000).values()];
    const { mean, deviation } = moments(all);
    expect(mean / (50 * MSEC)).toBeCloseTo(1, 2);
    expect(deviation / (10 * MSEC)).toBeCloseTo(1, 1);
    const within = all.filter((delay) => Math.abs(delay - 50 * MSEC) <= 10 * MSEC).length / all.length;
    expect(within).toBeGreaterThan(0.66);
    expect(within).toBeLessThan(0.71);
  });

  test.each(['pareto', 'paretonormal'])('%s has the mean and a long tail', (distribution) => {
    const all = [...delays(netem({ delay: '50ms', jitter: '10ms', distribution }), 5000).values()];
    expect(moments(all).mean / (50 * MSEC)).toBeCloseTo(1, 1);
    const above = all.filter((delay) => delay > 75 * MSEC).length;
    const below = all.filter((delay) => delay < 25 * MSEC).length;
    expect(above).toBeGreaterThan(50);
    expect(below).toBeLessThan(above / 5);
  });

  test('with correlation, neighbours are alike', () => {
    const correlation = (rho: number): number => {
      const all = [...delays(netem({ delay: '50ms', jitter: '10ms', delayCorrelation: rho }), 3000).entries()]
        .sort(([one], [other]) => one - other)
        .map(([, delay]) => delay);
      const { mean, deviation } = moments(all);
      const products = all.slice(1).map((delay, i) => (delay - mean) * (all[i] - mean));
      return moments(products).mean / deviation ** 2;
    };
    expect(correlation(0)).toBeCloseTo(0, 1);
    expect(correlation(0.8)).toBeGreaterThan(0.7);
  });

  test('the same seed gives the same delays', () => {
    const run = (seed: number): number[] => [...delays(netem({ delay: '5ms', jitter: '2ms' }, seed), 100).values()];
    expect(run(5)).toEqual(run(5));
    expect(run(5)).not.toEqual(run(6));
  });
});

describe('loss', () => {
  const lost = (options: object, packets = 10_000): boolean[] => {
    const at = netem(options);
    for (let mark = 0; mark < packets; mark++) at.send({ mark, bytes: 60 });
    const arrived = new Set(at.marks());
    expect(at.root().drops).toBe(packets - arrived.size);
    return Array.from({ length: packets }, (_, mark) => !arrived.has(mark));
  };
  const share = (losses: boolean[]): number => losses.filter(Boolean).length / losses.length;
  /** How long bursts of losses are on average. */
  const burst = (losses: boolean[]): number => {
    const bursts = losses.filter((one, i) => one && losses[i - 1] !== true).length;
    return losses.filter(Boolean).length / bursts;
  };

  test('at random', () => {
    const losses = lost({ loss: 0.1 });
    expect(share(losses)).toBeCloseTo(0.1, 1);
    expect(Math.abs(share(losses) - 0.1)).toBeLessThan(0.01);
    expect(burst(losses)).toBeCloseTo(1 / 0.9, 1);
  });

  test('in bursts after Gilbert and Elliott', () => {
    const losses = lost({ gemodel: { p: 0.02, r: 0.2 } });
    // Share p / (p + r), and 1 / r packets long.
    expect(Math.abs(share(losses) - 0.02 / 0.22)).toBeLessThan(0.015);
    expect(Math.abs(burst(losses) - 5)).toBeLessThan(0.7);
  });

  /** What numbers make of it of which each is a part of the one before, as netem draws them. */
  const correlatedLoss = (loss: number, rho: number, draws: number[]): boolean[] => {
    let last = 0;
    return draws.map((draw) => {
      last = draw * (1 - rho) + last * rho;
      return last <= loss;
    });
  };

  test('with correlation: losses are rarer, and in bursts', () => {
    for (const [loss, rho] of [
      [0.3, 0.25],
      [0.4, 0.5],
    ] as const) {
      const random = seededRandom(77);
      const expected = correlatedLoss(
        loss,
        rho,
        Array.from({ length: 100_000 }, () => random.fraction()),
      );
      const losses = lost({ loss, lossCorrelation: rho }, 20_000);
      expect(share(losses)).toBeLessThan(loss - 0.02);
      expect(share(losses) / share(expected)).toBeCloseTo(1, 1);
      expect(burst(losses)).toBeGreaterThan(1 / (1 - share(losses)) + 0.1);
      expect(burst(losses) / burst(expected)).toBeCloseTo(1, 1);
    }
  });

  test('Gilbert and Elliott: how long bursts and pauses are is geometric', () => {
    const losses = lost({ gemodel: { p: 0.05, r: 0.25 } }, 30_000);
    for (const [kind, leave] of [
      [true, 0.25],
      [false, 0.05],
    ] as const) {
      const runs: number[] = [];
      for (const [i, one] of losses.entries()) {
        if (one !== kind) continue;
        if (losses[i - 1] === kind) runs[runs.length - 1]++;
        else runs.push(1);
      }
      for (const length of [1, 2, 5]) {
        const reached = runs.filter((run) => run >= length);
        const ended = reached.filter((run) => run === length);
        expect(Math.abs(ended.length / reached.length - leave)).toBeLessThan(0.06);
      }
    }
  });

  test('with losses in the good state, and not all in the bad one', () => {
    const losses = lost({ gemodel: { p: 0.1, r: 0.3, lossInBad: 0.5, lossInGood: 0.01 } });
    expect(Math.abs(share(losses) - (0.25 * 0.5 + 0.75 * 0.01))).toBeLessThan(0.02);
  });

  test('with four states', () => {
    const losses = lost({ lossState: { p13: 0.05, p31: 0.25 } });
    expect(Math.abs(share(losses) - 0.05 / 0.3)).toBeLessThan(0.02);
    expect(Math.abs(burst(losses) - 4)).toBeLessThan(0.5);
    expect(share(lost({ lossState: { p13: 0, p14: 0.1 } }))).toBeCloseTo(0.09, 1);
  });

  test('marks instead', () => {
    const at = netem({ loss: 1, ecn: true });
    at.send({ tos: 2 });
    at.send({ tos: 0 });
    expect(at.sent.map(({ tos }) => tos)).toEqual([3]);
  });
});

test('duplicates follow their originals through everything above', () => {
  const at = rig();
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'prio' });
  at.tc.qdisc.add({ parent: '1:2', kind: 'netem', duplicate: 1, delay: '1ms' });
  at.send({ mark: 1 });
  expect(at.root()).toMatchObject({ qlen: 2, backlog: 200 });
  at.clock.runFor(10 * MSEC);
  expect(at.marks()).toEqual([1, 1]);
  expect(at.root()).toMatchObject({ qlen: 0, backlog: 0, packets: 2 });
});

test('a share of duplicates', () => {
  const at = netem({ duplicate: 0.2 });
  for (let mark = 0; mark < 3000; mark++) at.send({ mark, bytes: 60 });
  expect(Math.abs(at.sent.length / 3000 - 1.2)).toBeLessThan(0.03);
});

test('every fifth overtakes', () => {
  const at = netem({ delay: '10ms', reorder: 1, gap: 5 });
  const all = delays(at, 20);
  const early = [...all].filter(([, delay]) => delay === 0).map(([mark]) => mark);
  expect(early).toEqual([4, 9, 14, 19]);
  expect(at.root().requeues).toBe(4);
});

test('a share overtakes', () => {
  const early = [...delays(netem({ delay: '10ms', reorder: 0.25 }), 2000).values()].filter((delay) => delay === 0);
  expect(Math.abs(early.length / 2000 - 0.25)).toBeLessThan(0.04);
});

test('one bit of a damaged packet is another', () => {
  const at = netem({ corrupt: 1 });
  at.stop();
  for (let i = 0; i < 200; i++) at.send({ mark: 7, bytes: 60 });
  const good = at.make({ mark: 7, bytes: 60 });
  const bits = (skb: typeof good): number[] => Array.from(at.pool.arena.u8.slice(skb.data, skb.tail));
  const original = bits(good);
  good.consume();
  let headers = 0;
  for (let skb = at.root().dequeue(); skb !== null; skb = at.root().dequeue()) {
    const changed = bits(skb).map((byte, i) => byte ^ original[i]).filter((byte) => byte !== 0); // prettier-ignore
    expect(changed).toHaveLength(1);
    expect(Math.log2(changed[0]) % 1).toBe(0);
    if (!ip.checkIsRight(skb)) headers++;
    skb.consume();
  }
  expect(headers).toBeGreaterThan(20);
});

test('a rate: packets queue up behind each other', () => {
  const at = netem({ rate: '8mbit', delay: '1ms' });
  for (let mark = 0; mark < 3; mark++) at.send({ mark, bytes: 1000 });
  at.clock.runFor(SEC);
  expect(at.sent.map(({ at: time }) => time)).toEqual([2 * MSEC, 3 * MSEC, 4 * MSEC]);
  const cells = netem({ rate: '8mbit', packetOverhead: 2, cellSize: 48, cellOverhead: 5 });
  cells.send({ bytes: 95 });
  cells.clock.runFor(SEC);
  expect(cells.sent[0].at).toBe(159_000);
});

test('the limit, and a discipline inside', () => {
  const at = netem({ delay: '1ms', limit: 3 });
  for (let mark = 0; mark < 5; mark++) at.send({ mark });
  expect(at.root()).toMatchObject({ qlen: 3, drops: 2 });
  at.clock.runFor(10 * MSEC);
  at.tc.qdisc.add({ parent: '1:1', kind: 'pfifo', limit: 1 });
  at.stop();
  for (let mark = 10; mark < 12; mark++) at.send({ mark });
  at.clock.runFor(5 * MSEC);
  at.go();
  expect(at.marks()).toEqual([0, 1, 2, 10]);
  expect(at.root()).toMatchObject({ qlen: 0, backlog: 0, drops: 3 });
});

test('change while packets are on their way', () => {
  const at = netem({ delay: '10ms' });
  at.send({ mark: 1 });
  at.tc.qdisc.change({ root: true, kind: 'netem', delay: '1ms', loss: 0 });
  at.send({ mark: 2 });
  at.clock.runFor(SEC);
  expect(at.sent.map(({ mark, at: time }) => [mark, time])).toEqual([[2, MSEC], [1, 10 * MSEC]]); // prettier-ignore
  expect(at.root().dump!()).toEqual({ limit: 100_000, delay: '1ms' });
  expect(() => at.tc.qdisc.change({ root: true, kind: 'netem', loss: 2 })).toThrow();
});

describe('slots', () => {
  const times = (at: Rig): number[] => at.sent.map(({ at: time }) => time / MSEC);

  test('so many packets leave together, and then there is a pause', () => {
    const at = netem({ slot: { minDelay: '10ms', packets: 2 } });
    at.clock.runFor(MSEC);
    for (let mark = 0; mark < 6; mark++) at.send({ mark });
    at.clock.runFor(SEC);
    // The first slot begins with the first packet that is due, and a pause before it.
    expect(times(at)).toEqual([11, 11, 21, 21, 31, 31]);
    expect(at.root().dump!()).toMatchObject({ slot: '10ms 10ms packets 2' });
    expect(at.tc.show()).toContain('qdisc netem 1: root limit 100000 slot 10ms 10ms packets 2');
  });

  test('so many bytes', () => {
    const at = netem({ slot: { minDelay: '1ms', bytes: 1500 } });
    at.clock.runFor(MSEC);
    for (let mark = 0; mark < 4; mark++) at.send({ mark, bytes: 1000 });
    at.clock.runFor(SEC);
    expect(times(at)).toEqual([2, 2, 3, 3]);
  });

  test('the pause is uniform between two, or of a distribution', () => {
    const pauses = (slot: object): number[] => {
      const at = netem({ slot: { packets: 1, ...slot } });
      for (let mark = 0; mark < 2000; mark++) at.send({ mark, bytes: 60 });
      at.clock.runFor(100 * SEC);
      const all = at.sent.map(({ at: time }) => time);
      expect(all).toHaveLength(2000);
      return all.slice(1).map((time, i) => time - all[i]);
    };
    const uniform = pauses({ minDelay: '4ms', maxDelay: '8ms' });
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(4 * MSEC);
    expect(Math.max(...uniform)).toBeLessThanOrEqual(8 * MSEC);
    expect(moments(uniform).mean / (6 * MSEC)).toBeCloseTo(1, 1);
    const normal = moments(pauses({ distribution: 'normal', delay: '10ms', jitter: '1ms' }));
    expect(normal.mean / (10 * MSEC)).toBeCloseTo(1, 1);
    expect(normal.deviation / MSEC).toBeCloseTo(1, 1);
  });

  test('those that make no sense are refused', () => {
    expect(() => netem({ slot: { minDelay: '2ms', maxDelay: '1ms' } })).toThrow('below its minDelay');
    expect(() => netem({ slot: { delay: '2ms' } })).toThrow('no distribution');
    expect(() => netem({ slot: { packets: -1 } })).toThrow('slot of packets');
  });
});

test('a table of a distribution', () => {
  // Half of the packets one deviation early, half one late.
  const at = netem({ delay: '10ms', jitter: '2ms', distribution: [-8192, 8192] });
  const all = [...delays(at, 400).values()];
  expect(new Set(all)).toEqual(new Set([8 * MSEC, 12 * MSEC]));
  expect(() => netem({ delay: '10ms', jitter: '2ms', distribution: [40_000] })).toThrow('such a table');
  expect(() => netem({ delay: '10ms', jitter: '2ms', distribution: 'cauchy' })).toThrow('paretonormal');
});

test('a seed of its own gives the same losses on every host', () => {
  const lost = (seed: number | undefined, host: number): number[] => {
    const at = netem({ loss: 0.3, ...(seed !== undefined && { seed }) }, host);
    for (let mark = 0; mark < 200; mark++) at.send({ mark });
    return at.marks();
  };
  expect(lost(7, 1)).toEqual(lost(7, 2));
  expect(lost(7, 1)).not.toEqual(lost(8, 1));
  expect(lost(undefined, 1)).not.toEqual(lost(undefined, 2));
});

test('prints all that was asked for, in the order of tc', () => {
  const at = netem({
    limit: 50, delay: '5ms', jitter: '1ms', delayCorrelation: 0.25, distribution: 'normal', loss: 0.1, lossCorrelation: 0.5,
    duplicate: 0.01, duplicateCorrelation: 0.1, reorder: 0.02, gap: 5, corrupt: 0.001, corruptCorrelation: 0.2,
    rate: '8mbit', packetOverhead: 2, cellSize: 48, cellOverhead: 5, ecn: true, seed: 3,
    slot: { distribution: 'pareto', delay: '1ms', jitter: '100us', bytes: '2k' },
  }); // prettier-ignore
  expect(at.tc.show().split('\n')[0]).toBe(
    'qdisc netem 1: root limit 50 delay 5ms 1ms 25% distribution normal loss 10% 50% duplicate 1% 10% reorder 2% ' +
      'corrupt 0.1% 20% rate 8Mbit packetoverhead 2 cellsize 48 celloverhead 5 ecn gap 5 ' +
      'slot distribution 1ms 100us bytes 2Kb seed 3',
  );
});

test('another model of losses replaces the one there was', () => {
  const at = netem({ gemodel: { p: 1, r: 0 } });
  at.tc.qdisc.change({ root: true, kind: 'netem', loss: 0 });
  for (let mark = 0; mark < 20; mark++) at.send({ mark });
  expect(at.sent).toHaveLength(20);
  at.tc.qdisc.change({ root: true, kind: 'netem', lossState: { p13: 0.1 } });
  at.tc.qdisc.change({ root: true, kind: 'netem', limit: 9 });
  expect(at.tc.show()).toContain('limit 9 loss state p13 10% p31 90% p32 0% p23 100% p14 0%');
});

test('shares and correlations beyond 1 are refused', () => {
  expect(() => netem({ lossCorrelation: 2 })).toThrow('lossCorrelation');
  expect(() => netem({ delayCorrelation: -1 })).toThrow('delayCorrelation');
  expect(() => netem({ gemodel: { p: 1.5 } })).toThrow('a p of');
  expect(() => netem({ lossState: { p13: 0.1, p32: 2 } })).toThrow('p32');
});
