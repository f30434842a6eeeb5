import { seededRandom } from '@stack/clock';
import { ip } from '@stack/skb';
import { describe, expect, test } from 'vitest';
import { DONT_MARK, HARD_MARK, PROB_MARK, RedAverage, wlogFor } from '../src/red/average.ts';
import { MSEC, rig, SEC, type Rig } from './rig.ts';

const PARAMS = { min: 10_000, max: 30_000, probability: 0.1, wlog: 9, packetTime: 800_000 };

function average(params = PARAMS): RedAverage {
  const random = seededRandom(3);
  const red = new RedAverage(() => random.fraction());
  red.configure(params);
  return red;
}

describe('the average', () => {
  test('Floyd and Jacobson, section 4: moves by its weight towards the length', () => {
    const red = average({ ...PARAMS, wlog: 2 });
    for (const length of [1000, 1000, 3000]) red.update(length, 0);
    expect(red.average).toBeCloseTo((1000 * 0.25 * 0.75 + 250) * 0.75 + 750, 6);
  });

  test('section 4: falls while nothing waits, as if small packets had come', () => {
    const red = average();
    red.average = 20_000;
    red.beginIdle(0);
    red.update(0, 80 * MSEC);
    expect(red.average).toBeCloseTo(20_000 * (1 - 2 ** -9) ** 100, 6);
  });
});

describe('marks', () => {
  /** How many packets lie between marks. */
  function gaps(red: RedAverage, count: number): number[] {
    const found: number[] = [];
    for (let since = 1; found.length < count; since++) {
      if (red.action() !== PROB_MARK) continue;
      found.push(since);
      since = 0;
    }
    return found;
  }

  test.each([0.25, 0.5, 0.75])('at %d of the way from min to max, gaps are uniform (section 7, method 2)', (way) => {
    const red = average();
    red.average = PARAMS.min + way * (PARAMS.max - PARAMS.min);
    const most = 1 / (PARAMS.probability * way);
    const found = gaps(red, 4000);
    const mean = found.reduce((sum, gap) => sum + gap, 0) / found.length;
    expect(mean / (most / 2 + 0.5)).toBeCloseTo(1, 1);
    expect(Math.max(...found)).toBeLessThanOrEqual(Math.ceil(most) + 1);
    // Each quarter of the range has a quarter of the gaps.
    for (let quarter = 0; quarter < 4; quarter++) {
      const within = found.filter((gap) => gap > (quarter * most) / 4 && gap <= ((quarter + 1) * most) / 4);
      expect(within.length / found.length).toBeGreaterThan(0.15);
      expect(within.length / found.length).toBeLessThan(0.35);
    }
  });

  test.each([0.3, 0.8])(
    'section 7: at %d of the way, after count packets without one, it is pb / (1 - count * pb)',
    (way) => {
      const red = average();
      red.average = PARAMS.min + way * (PARAMS.max - PARAMS.min);
      const pb = PARAMS.probability * way;
      const found = gaps(red, 40_000);
      // The next mark comes from the gap's first packet on, so a gap of n has n - 1 packets without one.
      for (const count of [0, Math.floor(0.5 / pb), Math.floor(0.8 / pb)]) {
        const reached = found.filter((gap) => gap > count);
        const marked = reached.filter((gap) => gap === count + 1);
        expect(marked.length / reached.length / (pb / (1 - count * pb))).toBeGreaterThan(0.85);
        expect(marked.length / reached.length / (pb / (1 - count * pb))).toBeLessThan(1.15);
      }
    },
  );

  test('none below min, all from max on', () => {
    const red = average();
    red.average = 9_999;
    expect(Array.from({ length: 100 }, () => red.action())).toEqual(new Array(100).fill(DONT_MARK));
    red.average = 30_000;
    expect(red.action()).toBe(HARD_MARK);
  });

  test('adaptive RED keeps the average in the middle', () => {
    const red = average();
    red.average = 29_000;
    for (let i = 0; i < 10; i++) red.adapt();
    expect(red.maxP).toBeCloseTo(0.2, 6);
    red.average = 11_000;
    for (let i = 0; i < 10; i++) red.adapt();
    expect(red.maxP).toBeCloseTo(0.2 * 0.9 ** 10, 6);
  });
});

test('the weight lets a burst pass', () => {
  // As tc prints it: burst 55, avpkt 1000, min 30 KB gives ewma 5.
  expect(wlogFor(30_000, 55, 1000)).toBe(5);
  expect(() => wlogFor(30_000, 20, 1000)).toThrow('burst');
});

describe('the discipline', () => {
  const OPTIONS = { limit: 400_000, min: 30_000, max: 90_000, avpkt: 1000, burst: 55, probability: 0.02 };

  function red(at: Rig, options: object = {}): void {
    at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'red', ...OPTIONS, ...options });
  }

  /** A link of 10 Mbit/s gets 12. */
  function overload(at: Rig, tos = 0, packets = 6000): void {
    for (let i = 0; i < packets; i++) {
      at.send({ bytes: 1000, tos });
      at.clock.runFor(MSEC * 0.666);
    }
  }

  test('drops early and keeps the average between min and max', () => {
    const at = rig({ bitsPerSecond: 10e6 });
    red(at);
    overload(at);
    const { early, pdrop } = at.root().xstats!() as Record<string, number>;
    expect(early).toBeGreaterThan(50);
    expect(pdrop).toBe(0);
    expect(at.root()).toMatchObject({ drops: early, overlimits: early });
    expect(at.root().backlog).toBeGreaterThan(20_000);
    expect(at.root().backlog).toBeLessThan(110_000);
  });

  test('marks those that understand it', () => {
    const at = rig({ bitsPerSecond: 10e6 });
    red(at, { ecn: true, max: 200_000, probability: 0.1 });
    overload(at, 1, 1500);
    const { marked: counted, early } = at.root().xstats!() as Record<string, number>;
    expect(early).toBe(0);
    expect(counted).toBeGreaterThan(50);
    at.clock.runFor(SEC);
    expect(at.sent.filter(({ tos }) => (tos & 3) === 3)).toHaveLength(counted);
  });

  test('with harddrop, none is marked above max', () => {
    const at = rig();
    red(at, { ecn: true, harddrop: true, burst: 55 });
    at.stop();
    for (let i = 0; i < 400; i++) at.send({ bytes: 1000, tos: 1 });
    const { early, marked } = at.root().xstats!() as Record<string, number>;
    expect(marked).toBeGreaterThan(0);
    expect(early).toBeGreaterThan(10);
    for (let skb = at.root().dequeue(); skb !== null; skb = at.root().dequeue()) {
      expect(ip.checkIsRight(skb)).toBe(true);
      skb.consume();
    }
  });

  test('thresholds that make no sense are refused; the others have defaults', () => {
    const at = rig();
    expect(() => red(at, { min: 90_000, max: 30_000 })).toThrow('ascending');
    expect(() => at.tc.qdisc.replace({ root: true, kind: 'red' })).toThrow('limit');
    at.tc.qdisc.replace({ root: true, kind: 'red', limit: 400_000 });
    expect(at.root().dump!()).toMatchObject({ limit: '400000b', min: '33333b', max: '100000b', probability: 0.02 });
  });
});
