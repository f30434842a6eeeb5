import { DropReason } from '@stack/skb';
import { tcpFrame } from '@stack/testing';
import { describe, expect, test } from 'vitest';
import { MSEC, rig, saturate, SEC, type Packet, type Rig } from './rig.ts';

function cake(options: object = {}, bitsPerSecond?: number): Rig {
  const at = rig(bitsPerSecond === undefined ? {} : { bitsPerSecond });
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'cake', ...options });
  return at;
}

/** Mbit/s of each flow while all have packets. */
function rates(at: Rig, packets: readonly Packet[], time = 2 * SEC): number[] {
  saturate(at, SEC / 2, packets);
  const bytes = saturate(at, time, packets);
  return packets.map(({ flow }) => ((bytes.get(flow!) ?? 0) * 8) / (time / 1e3));
}

test('shapes to its bandwidth, without a burst', () => {
  const at = cake({ bandwidth: '8mbit' });
  for (let i = 0; i < 4; i++) at.send({ bytes: 1000 });
  at.clock.runFor(MSEC * 10);
  const times = at.sent.map(({ at: time }) => time);
  expect(times).toEqual([0, MSEC, 2 * MSEC, 3 * MSEC]);
  expect(rates(at, [{ flow: 1, bytes: 1000 }])[0] / 8).toBeCloseTo(1, 2);
});

describe('the length of a packet on the link', () => {
  /** Bytes that a frame of so many bytes takes: the time to the next one, at a byte a microsecond. */
  const lengths = (options: object, ...frames: number[]): number[] => {
    const at = cake({ bandwidth: '8mbit', ...options });
    for (const bytes of [...frames, 60]) at.send({ bytes });
    at.clock.runFor(SEC);
    return at.sent.slice(1).map(({ at: time }, i) => (time - at.sent[i].at) / 1000);
  };

  test('is that of the frame, or of the IP packet and the overhead', () => {
    expect(lengths({}, 1000, 60)).toEqual([1000, 60]);
    expect(lengths({ overhead: 0 }, 1000)).toEqual([986]);
    expect(lengths({ overhead: 250, mpu: 256 }, 1000)).toEqual([1236]);
    expect(lengths({ overhead: -10, mpu: 100 }, 1000, 60)).toEqual([976, 100]);
    expect(lengths({ overhead: 'ethernet' }, 1514, 60)).toEqual([1538, 84]);
  });

  test('grows in cells', () => {
    expect(lengths({ overhead: 0, cells: 'atm' }, 14 + 96, 14 + 97)).toEqual([106, 159]);
    expect(lengths({ overhead: 0, cells: 'ptm' }, 14 + 128, 14 + 129)).toEqual([130, 132]);
    expect(lengths({ overhead: 'pppoe-vcmux' }, 1514)).toEqual([32 * 53]);
  });

  test('bounds and names', () => {
    expect(() => cake({ overhead: 300 })).toThrow('overhead of 300');
    expect(() => cake({ overhead: 'string' })).toThrow('docsis');
    expect(() => cake({ cells: 'frame' })).toThrow('take noatm, atm or ptm');
  });
});

test('flows share, and a sparse one does not wait', () => {
  const at = cake({ bandwidth: '10mbit' });
  const [one, two] = rates(at, [{ flow: 1, bytes: 1514 }, { flow: 2, bytes: 200 }]); // prettier-ignore
  expect(one / two).toBeGreaterThan(0.9);
  expect(one / two).toBeLessThan(1.15);
  const before = at.sent.length;
  at.send({ mark: 77, flow: 3 });
  at.clock.runFor(10 * MSEC);
  const place = at.sent.slice(before).findIndex(({ mark }) => mark === 77);
  expect(place).toBeGreaterThanOrEqual(0);
  expect(place).toBeLessThan(4);
});

test('hosts share, however many flows they have', () => {
  const flows = (host: string, from: number, count: number): Packet[] =>
    Array.from({ length: count }, (_, i) => ({ flow: from + i, source: host, bytes: 1000 }));
  const packets = [...flows('10.0.0.1', 1, 1), ...flows('10.0.0.2', 10, 6)];
  const shared = rates(cake({ bandwidth: '10mbit', isolation: 'dual-srchost' }), packets, 4 * SEC);
  expect(shared[0]).toBeGreaterThan(4);
  const byFlow = rates(cake({ bandwidth: '10mbit', isolation: 'flows' }), packets, 4 * SEC);
  expect(byFlow[0]).toBeGreaterThan(1.2);
  expect(byFlow[0]).toBeLessThan(1.7);
});

test.each([
  ['100gbit', 1514],
  ['40mbit', 1220],
  ['1mbit', 300],
])('a flow of a link of %s sends %i bytes in its turn', (bandwidth, quantum) => {
  const tins = cake({ bandwidth, diffserv: 'besteffort' }).root().xstats!().tins;
  expect(tins).toMatchObject([{ quantum }]);
});

test('shares of a host that are no whole bytes are right in the long run', () => {
  const at = cake({ bandwidth: '1mbit', isolation: 'dual-dsthost', rtt: '1000s' });
  // 300 bytes over 200 flows are one and a half for each; the flow to the other host has 300 for itself.
  const many = Array.from({ length: 200 }, (_, flow) => ({ flow: flow + 1, bytes: 300 }));
  const alone = { flow: 500, bytes: 300, destination: '10.0.0.99' };
  at.stop();
  for (let i = 0; i < 15; i++) for (const packet of many) at.root().enqueue(at.make(packet));
  for (let i = 0; i < 1500; i++) at.root().enqueue(at.make(alone));
  let own = 0;
  for (let i = 0; i < 2600; i++) {
    at.clock.runFor(10 * MSEC);
    const skb = at.root().dequeue()!;
    // At first all are new.
    if (i >= 600 && skb.u16(34) === 500) own++;
    skb.consume();
  }
  expect(own / 2000).toBeGreaterThan(0.45);
  expect(own / 2000).toBeLessThan(0.55);
  at.root().reset();
});

describe('tins', () => {
  const [BULK, BEST, VOICE] = [8 << 2, 0, 46 << 2];

  test('voice goes first within its share', () => {
    const at = cake({ bandwidth: '10mbit' });
    const [best, voice] = rates(at, [{ flow: 1, bytes: 1000, tos: BEST }, { flow: 2, bytes: 1000, tos: VOICE }]); // prettier-ignore
    // Neither within its share: a quarter of the rate is more important.
    expect(voice).toBeGreaterThan(2);
    expect(voice).toBeLessThan(3.5);
    expect(best + voice).toBeCloseTo(10, 0);
  });

  test('bulk takes what is left, and a sixteenth at least', () => {
    const at = cake({ bandwidth: '10mbit' });
    const [best, bulk] = rates(at, [{ flow: 1, bytes: 1000, tos: BEST }, { flow: 2, bytes: 1000, tos: BULK }]); // prettier-ignore
    expect(bulk).toBeGreaterThan(0.4);
    expect(bulk).toBeLessThan(1);
    expect(best + bulk).toBeCloseTo(10, 0);
    expect(rates(cake({ bandwidth: '10mbit' }), [{ flow: 2, bytes: 1000, tos: BULK }])[0]).toBeCloseTo(10, 0);
  });

  test.each([
    ['besteffort', 1],
    ['diffserv3', 3],
    ['diffserv4', 4],
    ['diffserv8', 8],
    ['precedence', 8],
  ])('%s has %i', (diffserv, count) => {
    const at = cake({ diffserv });
    for (let point = 0; point < 64; point++) at.send({ flow: point + 1, tos: point << 2 });
    expect(at.root().xstats!().tins).toHaveLength(count);
    expect(at.sent).toHaveLength(64);
  });

  test.each([
    ['diffserv3', { 8: 0, 1: 0, 0: 1, 40: 1, 46: 2, 4: 2, 56: 2 }],
    ['diffserv4', { 8: 0, 1: 0, 0: 1, 10: 1, 16: 2, 34: 2, 26: 2, 32: 3, 40: 3, 46: 3 }],
    ['diffserv8', { 1: 0, 8: 1, 10: 1, 2: 1, 0: 2, 26: 3, 34: 3, 18: 4, 4: 4, 16: 5, 32: 6, 46: 6, 48: 7 }],
    ['precedence', { 0: 0, 7: 0, 8: 1, 46: 5, 56: 7 }],
    ['besteffort', { 0: 0, 46: 0 }],
  ])('%s: the codepoints of each, from the least important one on', (diffserv, places) => {
    for (const [point, place] of Object.entries(places)) {
      const at = cake({ diffserv });
      at.send({ tos: Number(point) << 2 });
      const tins = at.root().xstats!().tins as { pkts: number }[];
      expect([point, tins.findIndex(({ pkts }) => pkts === 1)]).toEqual([point, place]);
    }
  });

  test('a mark, or a priority, names one', () => {
    const at = cake({ fwmark: 0xf0 });
    at.tc.filter.add({ parent: '1:', prio: 1, match: () => false, classid: '1:1' });
    for (const mark of [0x10, 0x30, 0, 0x90]) {
      const skb = at.make({});
      skb.mark = mark;
      at.root().enqueue(skb);
    }
    at.root().enqueue(at.make({ priority: 0x10003 }));
    // There are not so many: the DS field decides.
    const beyond = at.make({ tos: VOICE });
    beyond.mark = 0xf0;
    at.root().enqueue(beyond);
    while (at.root().qlen > 0) at.root().dequeue()!.consume();
    const tins = at.root().xstats!().tins as { pkts: number }[];
    expect(tins.map(({ pkts }) => pkts)).toEqual([1, 2, 3]);
  });

  test('washing clears the DS field and leaves ECN', () => {
    const at = cake({ wash: true });
    at.send({ tos: VOICE | 2 });
    at.tc.filter.add({ parent: '1:', classid: '1:3' });
    at.send({ tos: VOICE | 2 });
    expect(at.sent.map(({ tos }) => tos)).toEqual([2, 2]);
  });
});

test('COBALT keeps the delay short, and marks', () => {
  const at = cake({ bandwidth: '10mbit' });
  for (let i = 0; i < 4000; i++) {
    at.send({ bytes: 1000, tos: 2, mark: i });
    at.send({ bytes: 1000, flow: 2 });
    at.clock.runFor(1_500_000);
  }
  expect(at.root().drops).toBeGreaterThan(20);
  expect(at.pool.drops[DropReason.QDISC_CONGESTED]).toBeGreaterThan(20);
  expect(at.sent.filter(({ flow, tos }) => flow === 1 && (tos & 3) === 3).length).toBeGreaterThan(20);
});

test('memory is limited: the longest queue loses', () => {
  const at = cake({ bandwidth: '1mbit', memlimit: '64k' });
  for (let i = 0; i < 100; i++) at.send({ flow: 1, bytes: 1000 });
  at.send({ flow: 2, bytes: 1000, mark: 5 });
  expect(at.tc.show()).toContain(' of 64Kb');
  expect(at.root().drops).toBeGreaterThan(50);
  at.clock.runFor(SEC);
  expect(at.marks()).toContain(5);
  expect(at.root()).toMatchObject({ qlen: 0, backlog: 0 });
});

test('change while packets wait', () => {
  const at = cake({ bandwidth: '1mbit' });
  for (let i = 0; i < 5; i++) at.send({ bytes: 1000, tos: 46 << 2 });
  // With the tins go the packets in them.
  at.tc.qdisc.change({ root: true, kind: 'cake', bandwidth: '8mbit', diffserv: 'besteffort' });
  expect(at.root().dump!()).toMatchObject({ bandwidth: '8Mbit', besteffort: true });
  expect(at.root()).toMatchObject({ qlen: 0, backlog: 0 });
  at.send({ bytes: 1000 });
  at.clock.runFor(SEC);
  expect(() => at.tc.qdisc.change({ root: true, kind: 'cake', diffserv: 'none' })).toThrow('diffserv');
});

test('tc prints the options, and a table of the tins', () => {
  const at = cake({ bandwidth: '10mbit', overhead: 18, mpu: 64, ackFilter: true, ingress: true, memlimit: '1mb' });
  for (const tos of [0, 0, 46 << 2]) at.send({ bytes: 1000, tos });
  at.clock.runFor(SEC);
  const lines = at.tc.show().split('\n');
  expect(lines[0]).toBe(
    'qdisc cake 1: root bandwidth 10Mbit diffserv3 triple-isolate nonat nowash ingress ack-filter split-gso rtt 100ms ' +
      'overhead 18 mpu 64 memlimit 1Mb',
  );
  expect(lines[3]).toMatch(/^ {2}memory_used \d+(b|Kb) of 1Mb$/);
  const row = (name: string): string[] => lines.find((line) => line.startsWith(`  ${name} `))!.trim().split(/ +/).slice(1); // prettier-ignore
  expect(lines[4].trim()).toMatch(/^Bulk +Best Effort +Voice$/);
  expect(row('thresh')).toEqual(['625Kbit', '10Mbit', '2500Kbit']);
  // A frame and a half at the rate of the tin is the least target.
  expect(row('target')).toEqual(['29.1ms', '5ms', '7.27ms']);
  expect(row('pkts')).toEqual(['0', '2', '1']);
  expect(row('bytes')).toEqual(['0', '2000', '1000']);
  expect(row('max_len')).toEqual(['0', '1000', '1000']);
});

test('what cannot be had is refused', () => {
  expect(() => cake({ nat: true })).toThrow('connections are not tracked');
  expect(() => cake({ isolation: 'none' })).toThrow('triple-isolate');
  expect(() => cake({ ackFilter: 'some' })).toThrow('ack-filter-aggressive');
});

test('an overload takes from the longest queue, whichever tin it is in', () => {
  const at = cake({ bandwidth: '1mbit', memlimit: '300k' });
  at.stop();
  const waiting = new Map<number, number>();
  at.pool.onDrop = (skb) => {
    const flow = skb.u16(34);
    const most = Math.max(...waiting.values());
    expect(waiting.get(flow)).toBe(most);
    waiting.set(flow, most - skb.len);
  };
  let draw = 1;
  for (let i = 0; i < 3000; i++) {
    draw = (draw * 48_271) % 0x7fffffff;
    const flow = 1 + (draw % 40);
    const bytes = 100 + (draw % 1300);
    waiting.set(flow, (waiting.get(flow) ?? 0) + bytes);
    at.root().enqueue(at.make({ flow, bytes, source: `10.0.1.${flow}`, tos: flow % 3 === 0 ? 46 << 2 : 0 }));
  }
  expect(at.root().drops).toBeGreaterThan(1000);
  at.pool.onDrop = null;
  expect([...waiting.values()].reduce((sum, bytes) => sum + bytes, 0)).toBe(at.root().backlog);
});

test('autorate-ingress follows what comes', () => {
  const at = cake({ bandwidth: '100mbit', autorateIngress: true });
  const rate = (): number => Number(/thresh +\S+ +(\d+)Kbit/.exec(at.tc.show())?.[1]);
  // Trains of ten packets at 8 Mbit/s.
  for (let i = 0; i < 3000; i++) {
    at.send({ bytes: 1000, mark: i });
    at.clock.runFor(i % 10 === 9 ? 1_500_000 : 950_000);
  }
  expect(rate()).toBeGreaterThan(6000);
  expect(rate()).toBeLessThan(9000);
});

describe('the filter of acknowledgements', () => {
  type Ack = Partial<Parameters<typeof tcpFrame>[0]>;

  /** Sends acknowledgements that all have to wait; the numbers of those that come out. */
  function left(ackFilter: string, acks: readonly Ack[]): number[] {
    const at = cake({ ackFilter });
    at.stop();
    for (const [id, ack] of acks.entries()) {
      const skb = at.make({});
      const frame = tcpFrame({ sourcePort: 1000, destinationPort: 80, flags: '.', id, ...ack });
      skb.trim(0);
      skb.putData(frame);
      at.root().enqueue(skb);
    }
    const ids: number[] = [];
    for (let skb = at.root().dequeue(); skb !== null; skb = at.root().dequeue()) {
      ids.push(skb.u16(18));
      skb.consume();
    }
    expect(at.root()).toMatchObject({ qlen: 0, backlog: 0, drops: acks.length - ids.length });
    const tins = at.root().xstats!().tins as { ack_drop: number }[];
    expect(tins[1].ack_drop).toBe(acks.length - ids.length);
    return ids;
  }
  const acks = (...numbers: number[]): Ack[] => numbers.map((ack) => ({ ack }));

  test('keeps the first two, or only the newest', () => {
    expect(left('no-ack-filter', acks(1, 2, 3, 4, 5))).toEqual([0, 1, 2, 3, 4]);
    expect(left('ack-filter', acks(1, 2, 3, 4, 5))).toEqual([3, 4]);
    expect(left('ack-filter-aggressive', acks(1, 2, 3, 4, 5))).toEqual([4]);
  });

  test('numbers wrap', () => {
    expect(left('ack-filter-aggressive', acks(0xffffff00, 0x100))).toEqual([1]);
  });

  test('duplicates stay, and so do later numbers', () => {
    expect(left('ack-filter-aggressive', acks(5, 5, 5))).toEqual([0, 1, 2]);
    expect(left('ack-filter-aggressive', acks(5, 4))).toEqual([0, 1]);
  });

  test('data, other flags and unknown options stay', () => {
    expect(left('ack-filter-aggressive', [{ ack: 1, payload: new Uint8Array(9) }, { ack: 2 }])).toEqual([0, 1]);
    for (const flags of ['F.', 'P.', 'R.', 'S.']) {
      expect(left('ack-filter-aggressive', [{ ack: 1, flags } as Ack, { ack: 2 }])).toEqual([0, 1]);
    }
    expect(left('ack-filter-aggressive', [{ ack: 1, options: { mss: 1000 } }, { ack: 2 }])).toEqual([0, 1]);
    expect(left('ack-filter-aggressive', [{ ack: 1 }, { ack: 2, sourcePort: 999 }])).toEqual([0, 1]);
  });

  test('news of congestion stays', () => {
    expect(left('ack-filter-aggressive', [{ ack: 1 }, { ack: 2, flags: '.E' }])).toEqual([0, 1]);
    expect(
      left('ack-filter-aggressive', [
        { ack: 1, flags: '.E' },
        { ack: 2, flags: '.E' },
      ]),
    ).toEqual([1]);
    // The last one before the change, and the first after it.
    const changes = [{ ack: 1 }, { ack: 2 }, { ack: 3, flags: '.E' }, { ack: 4, flags: '.E' }];
    expect(left('ack-filter', changes)).toEqual([1, 2, 3]);
  });

  test('blocks that the newer one does not repeat stay', () => {
    const sack = (...blocks: [number, number][]): Ack => ({ ack: 100, options: { sack: blocks } });
    const both = (one: Ack, two: Ack): number[] => left('ack-filter-aggressive', [one, two]);
    expect(both(sack([200, 300]), sack([200, 400]))).toEqual([1]);
    expect(both(sack([200, 300]), { ...sack([200, 300]), ack: 150 })).toEqual([1]);
    expect(both({ ack: 100 }, sack([200, 300]))).toEqual([1]);
    expect(both(sack([200, 300]), sack([200, 300]))).toEqual([0, 1]);
    expect(both(sack([200, 300]), { ack: 150 })).toEqual([0, 1]);
    expect(both(sack([200, 300]), sack([250, 400]))).toEqual([0, 1]);
    expect(both(sack([50, 60]), sack([50, 60], [200, 300]))).toEqual([0, 1]); // a duplicate SACK
  });

  test('timestamps must not go back', () => {
    const stamped = (ack: number, value: number, echo: number): Ack => ({
      ack,
      options: { timestamps: { value, echo } },
    });
    const both = (one: Ack, two: Ack): number[] => left('ack-filter-aggressive', [one, two]);
    expect(both(stamped(1, 10, 20), stamped(2, 10, 21))).toEqual([1]);
    expect(both(stamped(1, 10, 20), stamped(2, 9, 20))).toEqual([0, 1]);
    expect(both(stamped(1, 10, 20), { ack: 2 })).toEqual([0, 1]);
  });
});
