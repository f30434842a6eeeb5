import { describe, expect, test } from 'vitest';
import { BOB, byHand, SYN_OPTIONS, twoHosts, type End, type Said } from './ends.ts';
import type { Segment } from './wire.ts';

const [NOT_ECT, ECT_1, ECT_0, CE] = [0, 1, 2, 3];
const NO_COUNTS = { order: 1 as const, counters: [1, 0, 1] };

/** The three flags as the number that they are. */
const ACE = ['', 'E', 'W', 'EW', 'A', 'EA', 'WA', 'EWA'];
const aceOf = (s: Segment): number =>
  (s.flags.includes('A') ? 4 : 0) + (s.flags.includes('W') ? 2 : 0) + (s.flags.includes('E') ? 1 : 0);

/** A host that wants AccECN, by `tcp_ecn`. */
function wanting(mode: number) {
  const t = byHand();
  t.alice.tcp.sysctl.tcp_ecn = mode;
  return t;
}

/** We connect; the peer answers with these bits, its packet with this ECN field. */
function connected(ace: number, said: Said = {}, mode = 3) {
  const t = wanting(mode);
  const client = t.alice.open();
  client.connect(BOB, 80);
  const [syn] = t.peer.take();
  Object.assign(t.peer, { theirs: syn.seq, sport: 80, dport: syn.sport });
  t.run(10);
  t.peer.say({ flags: `S.${ACE[ace]}`, seq: 0, options: { ...SYN_OPTIONS, accecn: NO_COUNTS }, ...said });
  return { ...t, client, syn, third: t.peer.take()[0] };
}

/** The peer connects. */
function accepted({ syn = 'SEWA', mode = 3, ecn = NOT_ECT, ace = 2, option = true } = {}) {
  const t = wanting(mode);
  const listener = t.alice.open().listen(80);
  t.peer.say({ flags: syn, seq: 0, ecn, options: SYN_OPTIONS });
  const [synack] = t.peer.take();
  t.peer.theirs = synack.seq;
  t.run(10);
  t.peer.say({ flags: `.${ACE[ace]}`, options: option ? { accecn: NO_COUNTS } : {} });
  return { ...t, server: listener.accept()!, synack };
}

const accurate = (end: End): object | null => end.sk.ecn?.accurate ?? null;

describe('who opens', () => {
  test.each([
    [0, 'S'],
    [1, 'SEW'],
    [2, 'S'],
    [3, 'SEWA'],
    [4, 'SEW'],
    [5, 'S'],
  ])('tcp_ecn %i: the SYN has %s', (mode, flags) => {
    expect(connected(0, {}, mode).syn.flags).toBe(flags);
  });

  test.each([
    [0, 'none'],
    [1, 'classic'],
    [2, 'accurate'],
    [3, 'accurate'],
    [4, 'accurate'],
    [5, 'classic'],
    [6, 'accurate'],
    [7, 'none'],
  ])('the answer %i means %s', (ace, kind) => {
    const { client } = connected(ace);
    const got = client.sk.ecn === null ? 'none' : accurate(client) === null ? 'classic' : 'accurate';
    expect(got).toBe(kind);
  });

  test.each([
    [NOT_ECT, 2],
    [ECT_1, 3],
    [ECT_0, 4],
    [CE, 6],
  ])('the last ACK tells that SYN-ACK came with %i', (ecn, ace) => {
    const { third } = connected(2, { ecn });
    expect([aceOf(third), third.ecn, third.options.accecn]).toEqual([ace, ECT_0, NO_COUNTS]);
  });

  test('somebody changed the ECN field of our SYN: nothing is ECN-capable any more', () => {
    const { client, peer, third } = connected(4);
    client.send('x');
    expect([third.ecn, peer.take()[0].ecn]).toEqual([NOT_ECT, NOT_ECT]);
  });

  test('a SYN without an answer goes out again without the question', () => {
    const { alice, peer, run } = wanting(3);
    alice.open().connect(BOB, 80);
    run(1500);
    expect(peer.take().map((s) => s.flags)).toEqual(['SEWA', 'S']);
  });
});

describe('who answers', () => {
  test.each([
    [2, 'SEWA', 'SE.'],
    [3, 'SEWA', 'SW.'],
    [4, 'SEWA', 'SW.'],
    [5, 'SA', 'SW.'],
    [5, 'SE', 'SW.'],
    [5, 'SEW', 'SE.'],
    [5, 'S', 'S.'],
  ])('tcp_ecn %i: to %s comes %s', (mode, syn, answer) => {
    expect(accepted({ mode, syn }).synack.flags).toBe(answer);
  });

  test.each([
    [NOT_ECT, 2],
    [ECT_1, 3],
    [ECT_0, 4],
    [CE, 6],
  ])('SYN-ACK tells that SYN came with %i, and has counters', (ecn, ace) => {
    const { synack } = accepted({ ecn });
    expect([aceOf(synack), synack.options.accecn]).toEqual([ace, NO_COUNTS]);
  });

  test('tcp_ecn_option 0: bits without counters', () => {
    const { alice, peer } = wanting(3);
    alice.tcp.sysctl.tcp_ecn_option = 0;
    alice.open().listen(80);
    peer.say({ flags: 'SEWA', seq: 0, options: SYN_OPTIONS });
    const [synack] = peer.take();
    expect([aceOf(synack), synack.options.accecn]).toEqual([2, undefined]);
  });

  test('a last ACK with a zero: somebody clears the bits, so we send nothing that can be marked', () => {
    const { server, peer } = accepted({ ace: 0 });
    server.send('x');
    expect(peer.take()[0].ecn).toBe(NOT_ECT);
  });

  test('a SYN cookie: the last ACK shows which kind was agreed', () => {
    for (const [ace, kind] of [
      [2, true],
      [0, false],
    ] as const) {
      const { alice, peer } = wanting(3);
      alice.tcp.sysctl.tcp_syncookies = 2;
      const listener = alice.open().listen(80);
      peer.say({ flags: 'SEWA', seq: 0, options: { ...SYN_OPTIONS, timestamps: { value: 1000, echo: 0 } } });
      const [synack] = peer.take();
      peer.theirs = synack.seq;
      const timestamps = { value: 1001, echo: synack.options.timestamps!.value };
      peer.say({ flags: `.${ACE[ace]}`, options: { timestamps } });
      const server = listener.accept()!;
      expect([server.sk.ecn !== null, accurate(server) !== null]).toEqual([true, kind]);
    }
  });
});

describe('what came', () => {
  test('marked segments in three bits, bytes in the option', () => {
    const { server, peer } = accepted();
    peer.say({ flags: '.EA', payload: 1000, ecn: ECT_0 });
    peer.say({ flags: '.EA', payload: 1000, seq: 1001, ecn: CE });
    peer.say({ flags: '.EA', payload: 500, seq: 2001, ecn: ECT_1 });
    server.recv();
    const acks = peer.take();
    expect(acks.map(aceOf)).toEqual([5, 6, 6]);
    expect(acks.map((s) => s.options.accecn?.counters)).toEqual([
      [1, 0, 1001],
      [1, 1000, 1001],
      [501, 1000, 1001],
    ]);
    expect(acks.map((s) => s.ecn)).toEqual([ECT_0, ECT_0, ECT_0]);
  });

  test('the bits wrap at eight', () => {
    const { peer } = accepted();
    for (let i = 0; i < 10; i++) peer.say({ flags: '.EA', payload: 10, seq: 1 + 10 * i, ecn: CE });
    expect(peer.take().map(aceOf).at(-1)).toBe((5 + 10) % 8);
  });

  test('pure ACKs that come with a mark count as segments', () => {
    const { server, peer } = accepted();
    peer.say({ flags: '.EA', ecn: CE });
    server.send('x');
    expect(aceOf(peer.take().at(-1)!)).toBe(6);
  });

  test('without any option from the peer we send none', () => {
    const { peer } = accepted({ option: false });
    peer.say({ flags: '.EA', payload: 1000, ecn: CE });
    expect(peer.take()[0].options.accecn).toBe(undefined);
  });

  test('tcp_ecn_option 1: after a change, not all the time', () => {
    const { alice, peer, run } = accepted();
    Object.assign(alice.tcp.sysctl, { tcp_ecn_option: 1, tcp_ecn_option_beacon: 0 });
    for (let i = 0; i < 6; i++) {
      peer.say({ flags: '.EA', payload: 1000, seq: 1 + 1000 * i, ecn: ECT_0 });
      run(100);
    }
    expect(peer.take().map((s) => s.options.accecn !== undefined)).toEqual([true, true, false, false, false, false]);
  });

  test("an option makes way for SACK blocks, and takes one's place when it must", () => {
    const { peer } = accepted();
    peer.say({ flags: '.EA', payload: 10, ecn: ECT_0 });
    for (let i = 1; i <= 4; i++) peer.say({ flags: '.EA', payload: 10, seq: 1 + 100 * i, ecn: ECT_0 });
    const shapes = peer.take().map((s) => [s.options.sack?.length ?? 0, s.options.accecn?.counters.length]);
    expect(shapes).toEqual([
      [0, 3],
      [1, 3],
      [2, 3],
      [3, 3],
      [3, 3],
    ]);
  });
});

describe('what the peer says', () => {
  const MSS = 1448;

  /** A server with ten segments under way. */
  function sending() {
    const t = accepted();
    t.server.send(30 * 1460);
    t.run(10);
    const sent = t.peer.take();
    return { ...t, size: sent[0].payload.length };
  }

  test('a count that moves halves the window once in a round trip, without CWR', () => {
    const { alice, server, peer, size } = sending();
    expect(size).toBe(MSS);
    peer.say({ flags: '.WA', ack: 1 + size, options: { accecn: { order: 1, counters: [1, size, 1] } } });
    expect([server.sk.cc.ssthresh, alice.count('TcpExtTCPDeliveredCE')]).toEqual([7, 1]);
    peer.say({ flags: '.EWA', ack: 1 + 2 * size, options: { accecn: { order: 0, counters: [1, 2 * size, 1] } } });
    expect([server.sk.cc.ssthresh, server.sk.ecn!.deliveredCe]).toEqual([7, 2]);
    expect(peer.take().map(aceOf)).toEqual(expect.arrayContaining([5]));
  });

  test('the same count: no mark', () => {
    const { server, peer, size } = sending();
    for (const n of [1, 10])
      peer.say({ flags: '.EA', ack: 1 + n * size, options: { accecn: { order: 1, counters: [1, 0, 1 + n * size] } } });
    expect([server.sk.ecn!.deliveredCe, server.sk.cc.cwnd]).toEqual([0, 20]);
  });

  test('one ACK for ten segments, all marked: the bytes tell that the bits wrapped', () => {
    const { server, peer, size } = sending();
    const counters = [1, 10 * size, 1];
    peer.say({ flags: `.${ACE[(5 + 10) % 8]}`, ack: 1 + 10 * size, options: { accecn: { order: 1, counters } } });
    expect(server.sk.ecn!.deliveredCe).toBe(10);
  });

  test('one ACK for ten segments, two of them marked: the bytes tell that they did not', () => {
    const { server, peer, size } = sending();
    peer.say({ flags: '.EA', ack: 1 + size, options: { accecn: { order: 1, counters: [1, 0, 1 + size] } } });
    const counters = [1, 2 * size, 1 + 7 * size];
    peer.say({ flags: `.${ACE[7]}`, ack: 1 + 10 * size, options: { accecn: { order: 1, counters } } });
    expect(server.sk.ecn!.deliveredCe).toBe(2);
  });

  test('a counter that begins with zero: somebody clears options, so the bits alone count', () => {
    const { server, peer, size } = sending();
    const bad = accepted({ option: false });
    bad.server.send('x');
    bad.peer.say({ flags: '.EA', ack: 2, options: { accecn: { order: 1, counters: [0, 0, 0] } } });
    bad.peer.take();
    bad.server.send('y');
    expect(bad.server.sk.ecn!.accurate!.fail).not.toBe(0);
    peer.say({ flags: '.WA', ack: 1 + size });
    expect(server.sk.ecn!.deliveredCe).toBe(1);
  });
});

test('two hosts: each mark is counted by both, segments and bytes', () => {
  const { alice, bob, link, pair, run } = twoHosts();
  alice.tcp.sysctl.tcp_ecn = bob.tcp.sysctl.tcp_ecn = 3;
  const { client, server } = pair();
  let [segments, bytes] = [0, 0];
  let count = 0;
  link.mark = (s, from) => {
    if (from !== alice.wire || s.payload.length === 0 || ++count % 30 !== 0) return s.ecn;
    expect(s.ecn).toBe(ECT_0);
    segments++;
    bytes += s.payload.length;
    return CE;
  };
  const total = 1 << 20;
  let [sent, received] = [0, 0];
  for (let i = 0; i < 3000 && received < total; i++) {
    if (sent < total) sent += Math.max(0, client.send(Math.min(65_536, total - sent)));
    for (let n = server.recv(); n > 0; n = server.recv()) received += n;
    run(10);
  }
  run(1000);
  expect(segments).toBeGreaterThan(15);
  expect([client.sk.ecn!.deliveredCe, server.sk.ecn!.accurate!.receivedCe]).toEqual([segments, segments]);
  expect([...client.sk.ecn!.accurate!.delivered]).toEqual([0, total - bytes, bytes]);
  expect([...server.sk.ecn!.accurate!.received]).toEqual([0, total - bytes, bytes]);
  expect(alice.count('TcpRetransSegs')).toBe(0);
});
