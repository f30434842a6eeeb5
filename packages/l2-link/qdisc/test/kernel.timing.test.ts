import { describe, expect, test } from 'vitest';
import { lacking, throughKernel, type Passage, type Planned } from './kernel.ts';
import { MSEC, rig, SEC, type Rig } from './rig.ts';

const missing = lacking(['tbf', 'htb', 'pfifo', 'bfifo', 'pfifo_fast']);
if (missing !== null) console.log(`disciplines are not compared with the kernel's, missing here: ${missing}`);

/** Sends the same packets at the same times through ours. */
function throughOurs(setUp: (at: Rig) => void, theirs: readonly Passage[]): Passage[] {
  const at = rig();
  setUp(at);
  for (const { seq, arrived, bytes, priority } of theirs) {
    at.clock.runFor(Math.max(0, arrived - at.clock.now()));
    at.send({ mark: seq & 0xffff, flow: seq >>> 16, bytes, priority });
  }
  at.clock.runFor(10 * SEC);
  const left = new Map(at.sent.map(({ mark, flow, at: time }) => [flow * 0x10000 + mark, time]));
  return theirs.map((packet) => ({ ...packet, left: left.get(packet.seq) ?? null }));
}

/** Bytes a second of those that left, from the first to the last. */
function rateOf(passages: readonly Passage[]): number {
  const left = passages.filter((packet) => packet.left !== null).sort((one, other) => one.left! - other.left!);
  const bytes = left.slice(1).reduce((sum, packet) => sum + packet.bytes, 0);
  return (bytes * 1e9) / (left.at(-1)!.left! - left[0].left!);
}

interface Class {
  classid: string;
  parent: string;
  [option: string]: string | number;
}

/** Options as tc takes them. */
const words = (options: Record<string, string | number>): string => Object.entries(options).flat().join(' ');

const dropped = (passages: readonly Passage[]): number[] =>
  passages.filter(({ left }) => left === null).map(({ seq }) => seq);

/** So late a timer of the kernel may be, ns, before a packet that came meanwhile has another fate. */
const TIMER_DOUBT = 500_000;
/** Bursts whose sender was held up longer, ns, were held up together with the timers. */
const MOST_STRETCH = 1_500_000;
/** Packets of a burst come after each other in no less. */
const TIMER_STEP = 20_000;
/** Packets so long after those before, ns, find an empty queue. */
const PAUSE = 50 * MSEC;

/** Packets of a burst come so much earlier after the one that begins it, as if whatever leaves meanwhile were late. */
function hastened(passages: readonly Passage[], by: number): Passage[] {
  let start = 0;
  return passages.map((packet, i) => {
    if (i === 0 || packet.arrived - passages[i - 1].arrived > PAUSE) start = packet.arrived;
    return { ...packet, arrived: Math.max(start, packet.arrived - by) };
  });
}

/**
 * The same packets must be dropped; except those whose fate depends on whether a timer was late, which are those that ours drops
 * or not when timers are late.
 */
function expectSameFates(setUp: (at: Rig) => void, theirs: readonly Passage[]): void {
  const isDropped = ({ left }: Passage): boolean => left === null;
  const ours = throughOurs(setUp, theirs);
  const doubtful = new Set<number>();
  for (let by = TIMER_STEP; by <= TIMER_DOUBT; by += TIMER_STEP) {
    const late = throughOurs(setUp, hastened(theirs, by));
    for (const [i, packet] of ours.entries()) if (isDropped(packet) !== isDropped(late[i])) doubtful.add(i);
  }
  const certain = Array.from(ours.keys()).filter((i) => !doubtful.has(i));
  expect(certain.length / ours.length).toBeGreaterThan(0.6);
  expect(certain.filter((i) => isDropped(theirs[i])).length).toBeGreaterThan(20);
  expect(certain.filter((i) => isDropped(ours[i]) !== isDropped(theirs[i])).length / ours.length).toBeLessThan(0.01);
}

/** Packets at a steady pace. */
const steady = (count: number, every: number, bytes: number, priority = 0): Planned[] =>
  Array.from({ length: count }, (_, i) => ({ at: i * every, bytes, priority }));

/** So many at once, again and again. */
const bursts = (count: number, each: number, every: number, of: (i: number) => Omit<Planned, 'at'>): Planned[] =>
  Array.from({ length: count * each }, (_, i) => ({
    at: Math.floor(i / each) * every + (i % each) * 20_000,
    ...of(i),
  }));

describe.skipIf(missing !== null)(
  "the kernel's disciplines and ours, with the same arrivals",
  { timeout: 120_000 },
  () => {
    test.each(['3mbit', '10mbit', '40mbit'])('tbf sends at %s, within a percent', async (rate) => {
      const every = { '3mbit': 2 * MSEC, '10mbit': 0.6 * MSEC, '40mbit': 0.15 * MSEC }[rate]!;
      const plan = steady(Math.floor((2 * SEC) / every), every, 1000);
      const line = `qdisc add DEV root handle 1: tbf rate ${rate} burst 40kb limit 50kb`;
      const theirs = await throughKernel([line], plan);
      const options = { rate, burst: '40kb', limit: '50kb' };
      const ours = throughOurs(
        (at) => at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'tbf', ...options }),
        theirs,
      );
      expect(dropped(theirs).length / plan.length).toBeGreaterThan(0.1);
      expect(rateOf(ours) / rateOf(theirs)).toBeCloseTo(1, 2);
      expect(Math.abs(dropped(ours).length - dropped(theirs).length) / plan.length).toBeLessThan(0.01);
    });

    test('tbf and its bfifo drop the same packets of bursts', async () => {
      const plan = bursts(10, 40, 250 * MSEC, (i) => ({ bytes: 200 + ((i * 331) % 1200), priority: 0 }));
      const theirs = await throughKernel(['qdisc add DEV root tbf rate 2mbit burst 5kb limit 20kb'], plan, {
        doubt: TIMER_DOUBT,
      });
      const options = { kind: 'tbf', rate: '2mbit', burst: '5kb', limit: '20kb' };
      expectSameFates((at) => at.tc.qdisc.replace({ root: true, ...options }), theirs);
    });

    test.each([
      ['pfifo', 'limit 12', { limit: 12 }],
      ['bfifo', 'limit 9000', { limit: 9000 }],
      ['pfifo_fast', '', {}],
    ])('%s below tbf drops the same packets', async (kind, text, options) => {
      const priorities = [0, 2, 6];
      const each = kind === 'pfifo_fast' ? 60 : 40;
      const plan = bursts(8, each, 400 * MSEC, (i) => ({
        bytes: 300 + ((i * 331) % 1000),
        priority: priorities[i % 3],
      }));
      const root = { rate: '2mbit', burst: '5kb', limit: '100kb' };
      const theirs = await throughKernel(
        [
          'qdisc add DEV root handle 1: tbf rate 2mbit burst 5kb limit 100kb',
          `qdisc add DEV parent 1:1 handle 10: ${kind} ${text}`.trim(),
        ],
        plan,
        { txQueueLen: kind === 'pfifo_fast' ? 10 : 1000, doubt: TIMER_DOUBT, late: MOST_STRETCH },
      );
      expectSameFates((at) => {
        if (kind === 'pfifo_fast') at.dev.txQueueLen = 10;
        at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'tbf', ...root });
        at.tc.qdisc.add({ parent: '1:1', handle: '10:', kind, ...options });
      }, theirs);
    });

    // A timer of the kernel that is later than a burst lasts at its rate costs the class tokens: these last 8 ms and more.
    test.each<[string, readonly Class[]]>([
      [
        'rates and ceils',
        [
          { classid: '1:1', parent: '1:', rate: '10mbit', burst: '10kb', cburst: '10kb' },
          { classid: '1:10', parent: '1:1', rate: '6mbit', ceil: '10mbit', burst: '10kb', cburst: '10kb' },
          { classid: '1:20', parent: '1:1', rate: '2mbit', ceil: '10mbit', burst: '10kb', cburst: '10kb' },
          { classid: '1:30', parent: '1:1', rate: '1mbit', ceil: '3mbit', burst: '10kb', cburst: '10kb' },
        ],
      ],
      [
        'priorities, floors and bursts',
        [
          { classid: '1:1', parent: '1:', rate: '10mbit', burst: '10kb', cburst: '10kb' },
          { classid: '1:2', parent: '1:1', rate: '4mbit', ceil: '10mbit', burst: '5kb', cburst: '10kb' },
          { classid: '1:10', parent: '1:2', rate: '1mbit', ceil: '10mbit', prio: 1, quantum: 1500, cburst: '10kb' },
          {
            classid: '1:20',
            parent: '1:2',
            rate: '1mbit',
            ceil: '10mbit',
            prio: 1,
            quantum: 3000,
            burst: '3kb',
            cburst: '12kb',
          },
          { classid: '1:30', parent: '1:1', rate: '3mbit', ceil: '5mbit', prio: 0, quantum: 1500, cburst: '6kb' },
        ],
      ],
    ])('htb: %s, within a percent', async (_, classes) => {
      const plan = [0x10010, 0x10020, 0x10030]
        .flatMap((priority, i) =>
          steady(2500, 1.2 * MSEC, 1000 - 37 * i, priority).map((one) => ({ ...one, at: one.at + i * 100_000 })),
        )
        .sort((one, other) => one.at - other.at);
      const lines = classes.map(
        ({ classid, parent, ...options }) => `class add DEV parent ${parent} classid ${classid} htb ${words(options)}`,
      );
      const leaves = ['10', '20', '30'];
      const fifos = leaves.map((id) => `qdisc add DEV parent 1:${id} handle ${id}: pfifo limit 20`);
      const theirs = await throughKernel(['qdisc add DEV root handle 1: htb default 0', ...lines, ...fifos], plan);
      const ours = throughOurs((at) => {
        at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'htb' });
        for (const one of classes) at.tc.class.add({ ...one });
        for (const id of leaves) at.tc.qdisc.add({ parent: `1:${id}`, handle: `${id}:`, kind: 'pfifo', limit: 20 });
      }, theirs);
      expect(rateOf(ours) / rateOf(theirs)).toBeCloseTo(1, 2);
      for (const priority of [0x10010, 0x10020, 0x10030]) {
        const own = (passages: Passage[]): Passage[] => passages.filter((packet) => packet.priority === priority);
        expect(Math.abs(rateOf(own(ours)) / rateOf(own(theirs)) - 1)).toBeLessThan(0.01);
        const apart = Math.abs(dropped(own(ours)).length - dropped(own(theirs)).length);
        expect(apart / own(ours).length).toBeLessThan(0.01);
      }
    });
  },
);
