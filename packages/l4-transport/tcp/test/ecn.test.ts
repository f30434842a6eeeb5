import { describe, expect, test } from 'vitest';
import { BOB, byHand, SYN_OPTIONS, twoHosts, type End } from './ends.ts';

const [NOT_ECT, ECT_1, ECT_0, CE] = [0, 1, 2, 3];

/** Flags and ECN field of each segment. */
const marks = (segments: { flags: string; ecn: number }[]): string[] => segments.map((s) => `${s.flags} ${s.ecn}`);

/** A connection of ours that asks for ECN; the peer answers with `flags`. */
function connected(flags = 'SE.') {
  const t = byHand();
  t.alice.tcp.sysctl.tcp_ecn = 1;
  const client = t.alice.open();
  client.connect(BOB, 80);
  const [syn] = t.peer.take();
  Object.assign(t.peer, { theirs: syn.seq, sport: 80, dport: syn.sport });
  t.run(10);
  t.peer.say({ flags, seq: 0, options: SYN_OPTIONS });
  t.peer.take();
  return { ...t, client, syn };
}

/** A connection of the peer's, which asks for ECN. */
function accepted(flags = 'SEW', ecn = NOT_ECT, mode = 2) {
  const t = byHand();
  t.alice.tcp.sysctl.tcp_ecn = mode;
  const listener = t.alice.open().listen(80);
  t.peer.say({ flags, seq: 0, ecn, options: SYN_OPTIONS });
  const [synack] = t.peer.take();
  t.peer.theirs = synack.seq;
  t.run(10);
  t.peer.say({ flags: '.' });
  return { ...t, server: listener.accept()!, synack };
}

describe('negotiation', () => {
  test('by default it is not asked for, but accepted', () => {
    const { alice, peer } = byHand();
    alice.open().connect(BOB, 80);
    expect(marks(peer.take())).toEqual(['S 0']);
    expect(accepted().synack).toMatchObject({ flags: 'SE.', ecn: NOT_ECT });
    expect(accepted('S').synack.flags).toBe('S.');
    expect(accepted('SE').synack.flags).toBe('S.');
  });

  test('tcp_ecn 0: neither', () => {
    const { server, synack } = accepted('SEW', NOT_ECT, 0);
    expect([synack.flags, server.sk.ecn]).toEqual(['S.', null]);
  });

  test('a SYN that is itself ECN-capable breaks the rules: no', () => {
    expect(accepted('SEW', ECT_0).synack.flags).toBe('S.');
  });

  test.each([
    ['SE.', true],
    ['S.', false],
    ['SEW.', false],
  ])('tcp_ecn 1 asks; the answer %s', (answer, agreed) => {
    const { client, peer, syn } = connected(answer);
    expect([syn.flags, syn.ecn]).toEqual(['SEW', NOT_ECT]);
    client.send('x');
    expect(marks(peer.take())).toEqual([agreed ? 'P. 2' : 'P. 0']);
  });

  test.each([
    [true, 'S'],
    [false, 'SEW'],
  ])('a SYN without an answer is sent again; tcp_ecn_fallback %s', (fallback, again) => {
    const { alice, peer, run } = byHand();
    Object.assign(alice.tcp.sysctl, { tcp_ecn: 1, tcp_ecn_fallback: fallback });
    alice.open().connect(BOB, 80);
    run(1500);
    expect(peer.take().map((s) => s.flags)).toEqual(['SEW', again]);
  });

  test('a SYN cookie keeps it in the time stamp, and without one does without', () => {
    for (const timestamps of [{ value: 1000, echo: 0 }, undefined]) {
      const { alice, peer } = byHand();
      alice.tcp.sysctl.tcp_syncookies = 2;
      const listener = alice.open().listen(80);
      peer.say({ flags: 'SEW', seq: 0, options: { ...SYN_OPTIONS, timestamps } });
      const [synack] = peer.take();
      peer.theirs = synack.seq;
      const echo = synack.options.timestamps?.value ?? 0;
      peer.say({ options: timestamps && { timestamps: { value: 1001, echo } } });
      listener.accept()!.send('x');
      expect([synack.flags, marks(peer.take())]).toEqual(timestamps ? ['SE.', ['P. 2']] : ['S.', ['P. 0']]);
    }
  });
});

describe('sending', () => {
  test('data are ECN-capable; ACKs, retransmissions and window probes are not', () => {
    const { server, peer, run } = accepted();
    peer.say({ payload: 100, ecn: ECT_0 });
    server.send('x');
    run(2000);
    const [ack, data, ...again] = marks(peer.take());
    expect([ack, data, new Set(again)]).toEqual(['. 0', 'P. 2', new Set(['P. 0'])]);
    peer.say({ seq: 101, ack: 2, win: 0 });
    server.send('y');
    run(2000);
    const probes = peer.take();
    expect(probes.length).toBeGreaterThan(0);
    expect(new Set(marks(probes))).toEqual(new Set(['. 0']));
  });

  test('ECE halves the window once in a round trip, and CWR says so with the next new data', () => {
    const { alice, server, peer, run } = accepted();
    server.send(20 * 1460);
    expect(peer.take()).toHaveLength(10);
    run(10);
    peer.say({ flags: 'E.', ack: 1461 });
    expect(server.sk.cc.ssthresh).toBe(7);
    for (let i = 2; i <= 10; i++) peer.say({ flags: 'E.', ack: 1 + 1460 * i });
    const sent = peer.take();
    expect(sent.length).toBeGreaterThan(3);
    expect(marks(sent).filter((mark) => mark.startsWith('W'))).toEqual(['W. 2']);
    expect(sent[0].flags).toBe('W.');
    expect(server.sk.cc.cwnd).toBe(7);
    expect(alice.count('TcpExtTCPDeliveredCE')).toBe(10);
    peer.say({ flags: '.', ack: 1 + 1460 * 11 });
    expect([server.sk.cc.cwnd, server.sk.cc.ssthresh]).toEqual([7, 7]);
  });

  test('a loss is told with CWR, too; the retransmission itself has neither CWR nor ECT', () => {
    const { server, peer, run } = accepted();
    server.send(30 * 1460);
    peer.take();
    run(10);
    for (let i = 2; i <= 4; i++) peer.say({ options: { sack: [[1461, 1461 + 1460 * (i - 1)]] } });
    expect(marks(peer.take())).toEqual(['. 2', '. 0']); // one new, for the first that was SACKed
    run(10);
    for (let i = 5; i <= 9; i++) peer.say({ options: { sack: [[1461, 1461 + 1460 * (i - 1)]] } });
    peer.say({ ack: 14_601 });
    const sent = marks(peer.take());
    expect([sent[0], sent.filter((mark) => mark === 'W. 2')]).toEqual(['W. 2', ['W. 2']]);
  });

  test('the first time in which nothing was lost: no CWR and no reduction', () => {
    const { server, peer, run } = accepted();
    server.send(20 * 1460);
    run(10);
    peer.say({ ack: 14_601 });
    expect(new Set(marks(peer.take()))).toEqual(new Set(['. 2', 'P. 2']));
    expect(server.sk.cc.cwnd).toBe(20);
  });
});

describe('receiving', () => {
  test('after a mark each ACK has ECE, until CWR comes', () => {
    const { server, peer } = accepted();
    peer.say({ payload: 1000, ecn: ECT_0 });
    peer.say({ payload: 1000, seq: 1001, ecn: CE });
    peer.say({ payload: 1000, seq: 2001, ecn: ECT_0 });
    peer.say({ payload: 1000, seq: 3001, ecn: ECT_0, flags: 'W.' });
    server.recv();
    expect(peer.heard()).toEqual(['. 1:1(0) 1001', 'E. 1:1(0) 2001', 'E. 1:1(0) 3001', '. 1:1(0) 4001']);
  });

  test('a mark on a segment with CWR asks anew', () => {
    const { peer } = accepted();
    peer.say({ payload: 1000, ecn: CE });
    peer.say({ payload: 1000, seq: 1001, ecn: CE, flags: 'W.' });
    expect(peer.heard().map((s) => s[0])).toEqual(['E', 'E']);
  });

  test('data out of order count, too; ECT(1) is no mark', () => {
    const { peer } = accepted();
    peer.say({ payload: 1000, seq: 2001, ecn: ECT_1 });
    peer.say({ payload: 1000, seq: 4001, ecn: CE });
    expect(peer.heard().map((s) => s[0])).toEqual(['.', 'E']);
  });

  test('a connection without ECN does not care', () => {
    const { peer } = accepted('S');
    peer.say({ payload: 1000, ecn: CE });
    expect(peer.heard()).toEqual(['. 1:1(0) 1001']);
  });
});

test('marks instead of losses: a sender behind a short queue gets nothing sent twice', () => {
  const { alice, bob, link, pair, run } = twoHosts();
  alice.tcp.sysctl.tcp_ecn = 1;
  const { client, server } = pair();
  // Every twentieth of what could be marked is.
  let count = 0;
  link.mark = (s) => (s.ecn === ECT_0 && ++count % 20 === 0 ? CE : s.ecn);
  expect(move(run, client, server, 1 << 20)).toBe(1 << 20);
  const ece = link.log.filter((s) => s.flags.includes('E') && !s.flags.includes('S'));
  const cwr = link.log.filter((s) => s.flags.includes('W') && !s.flags.includes('S'));
  expect(ece.length).toBeGreaterThan(10);
  expect(cwr.length).toBeGreaterThan(5);
  expect(alice.count('TcpRetransSegs')).toBe(0);
  expect(alice.count('TcpExtTCPDeliveredCE')).toBeGreaterThan(10);
  expect(bob.count('TcpExtTCPDeliveredCE')).toBe(0);
  expect(client.sk.cc.cwnd).toBeLessThan(60);
});

/** Lets one side write and the other read. */
function move(run: (ms: number) => void, from: End, to: End, bytes: number): number {
  let [sent, received] = [0, 0];
  for (let i = 0; i < 3000 && received < bytes; i++) {
    if (sent < bytes) sent += Math.max(0, from.send(Math.min(65_536, bytes - sent)));
    for (let n = to.recv(); n > 0; n = to.recv()) received += n;
    run(10);
  }
  return received;
}
