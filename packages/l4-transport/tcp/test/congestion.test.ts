import { describe, expect, test } from 'vitest';
import { bbr, CongestionControls, dctcp, TCP_CC_INFO, TCP_CONGESTION } from '../src/index.ts';
import { BOB, byHand, SYN_OPTIONS, twoHosts, type End } from './ends.ts';
import type { BadNetwork, Segment } from './wire.ts';

const [ECT_0, CE] = [2, 3];
const info = (end: End): DataView => {
  const bytes = end.sk.proto.getsockopt(end.sk, 6, TCP_CC_INFO) as Uint8Array;
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
};
const nameOf = (end: End): string => {
  const bytes = end.sk.proto.getsockopt(end.sk, 6, TCP_CONGESTION) as Uint8Array;
  return new TextDecoder().decode(bytes).replace(/\0+$/, '');
};

/** Two hosts that use `control`. */
function hosts(control: 'bbr' | 'dctcp', network: BadNetwork = {}) {
  const t = twoHosts(network);
  for (const { host, tcp } of [t.alice, t.bob]) {
    (control === 'bbr' ? bbr() : dctcp()).attach!(host);
    tcp.sysctl.tcp_congestion_control = control;
  }
  return t;
}

/** A link of a rate with a queue: Alice's data wait their turn; beyond `queue` bytes they are dropped, beyond `mark` marked. */
function bottleneck(t: ReturnType<typeof twoHosts>, rate: number, queue: number, mark = Infinity) {
  let free = 0;
  const seen = { largest: 0, dropped: 0, marked: 0 };
  const waiting = (): number => Math.max(0, ((free - t.clock.now()) * rate) / 1e9);
  t.link.drop = (s, from) => {
    if (from !== t.alice.wire || s.payload.length === 0) return false;
    if (waiting() + s.payload.length > queue) return ++seen.dropped > 0;
    free = Math.max(free, t.clock.now()) + (s.payload.length * 1e9) / rate;
    seen.largest = Math.max(seen.largest, waiting());
    return false;
  };
  t.link.hold = (s, from) => (from === t.alice.wire && s.payload.length > 0 ? (waiting() * 1e3) / rate : 0);
  t.link.mark = (s: Segment, from) => {
    if (from !== t.alice.wire || s.ecn !== ECT_0 || waiting() < mark) return s.ecn;
    seen.marked++;
    return CE;
  };
  return seen;
}

/** Writes as much as goes for a while; bytes a second that were read in its second half. */
function measure(run: (ms: number) => void, from: End, to: End, seconds: number): number {
  let [half, received] = [0, 0];
  for (let ms = 0; ms < seconds * 1000; ms += 5) {
    while (from.send(65_536) > 0);
    run(5);
    for (let n = to.recv(); n > 0; n = to.recv()) received += n;
    if (ms < seconds * 500) half = received;
  }
  return (received - half) / (seconds / 2);
}

describe('bbr', () => {
  test('fills a path of a megabyte a second, and keeps its queue short', () => {
    const t = hosts('bbr');
    const seen = bottleneck(t, 1e6, 200_000);
    const { client, server } = t.pair();
    measure(t.run, client, server, 2);
    seen.largest = 0;
    const rate = measure(t.run, client, server, 6);
    expect(rate).toBeGreaterThan(0.9e6);
    expect(seen.largest).toBeLessThan(60_000); // the pipe itself holds 20 000
    const view = info(client);
    expect(Number(view.getBigUint64(0, true))).toBeGreaterThan(0.9e6);
    expect(Number(view.getBigUint64(0, true))).toBeLessThan(1.15e6);
    expect(view.getUint32(8, true)).toBeGreaterThanOrEqual(20_000);
    expect(view.getUint32(8, true)).toBeLessThan(26_000);
    expect([320, 192, 256]).toContain(view.getUint32(12, true));
    expect(view.getUint32(16, true)).toBe(512);
  });

  test('random loss of two percent does not slow it down; cubic it does', () => {
    const rates = (['bbr', 'cubic'] as const).map((control) => {
      const t = twoHosts({ delay: 20 });
      bbr().attach!(t.alice.host);
      t.alice.tcp.sysctl.tcp_congestion_control = control;
      const seen = bottleneck(t, 1e6, 1e6);
      const { drop } = t.link;
      t.link.drop = (s, from) => t.random.fraction() < 0.02 || drop(s, from);
      const { client, server } = t.pair(8000);
      const rate = measure(t.run, client, server, 6);
      expect(seen.dropped).toBeLessThan(1000);
      return rate;
    });
    expect(rates[0]).toBeGreaterThan(0.8e6);
    expect(rates[1]).toBeLessThan(rates[0] / 2);
  });

  test('every ten seconds it looks at the empty path: four segments for 200 ms', () => {
    const t = hosts('bbr');
    bottleneck(t, 1e6, 200_000);
    const { client, server } = t.pair();
    let small = 0;
    for (let ms = 0; ms < 24_000; ms += 10) {
      while (client.send(65_536) > 0);
      t.run(10);
      while (server.recv() > 0);
      if (ms > 5000 && client.sk.cc.cwnd <= 4) small++;
    }
    // Two times, a little more than 200 ms each.
    expect(small).toBeGreaterThan(2 * 18);
    expect(small).toBeLessThan(2 * 40);
  });

  test('the application is slow: the bandwidth stays what it was, and idling does not shrink the window', () => {
    const t = hosts('bbr');
    bottleneck(t, 1e6, 200_000);
    const { client, server } = t.pair();
    measure(t.run, client, server, 4);
    t.run(3000);
    const [before, cwnd] = [Number(info(client).getBigUint64(0, true)), client.sk.cc.cwnd];
    for (let i = 0; i < 50; i++) {
      client.send(1000);
      t.run(60);
      server.recv();
    }
    expect(Number(info(client).getBigUint64(0, true))).toBeGreaterThan(0.9 * before);
    expect(client.sk.cc.cwnd).toBeGreaterThan(cwnd / 2);
  });

  test('a sender that is switched to it in the middle goes on', () => {
    const t = twoHosts();
    bbr().attach!(t.alice.host);
    bottleneck(t, 1e6, 100_000);
    const { client, server } = t.pair();
    measure(t.run, client, server, 1);
    expect(client.option(TCP_CONGESTION, new TextEncoder().encode('bbr'))).toBe(0);
    expect([nameOf(client), measure(t.run, client, server, 6) > 0.85e6]).toEqual(['bbr', true]);
  });
});

describe('dctcp', () => {
  test('asks for ECN whatever the host says, with an ECN-capable SYN; a refusal means reno', () => {
    const t = byHand();
    dctcp().attach!(t.alice.host);
    Object.assign(t.alice.tcp.sysctl, { tcp_ecn: 0, tcp_congestion_control: 'dctcp' });
    for (const [answer, name, field] of [
      ['SE.', 'dctcp', ECT_0],
      ['S.', 'dctcp-reno', 0],
    ] as const) {
      const client = t.alice.open();
      client.connect(BOB, 80);
      const [syn] = t.peer.take();
      expect([syn.flags, syn.ecn]).toEqual(['SEW', ECT_0]);
      Object.assign(t.peer, { theirs: syn.seq, sport: 80, dport: syn.sport });
      t.peer.say({ flags: answer, seq: 0, options: SYN_OPTIONS });
      t.run(10);
      // ACKs are ECN-capable, too.
      expect([nameOf(client), t.peer.take()[0].ecn]).toEqual([name, field]);
      expect(info(client).getUint16(0, true)).toBe(name === 'dctcp' ? 1 : 0);
    }
  });

  test('marks keep the queue at the threshold, and nothing is lost', () => {
    const t = hosts('dctcp', { delay: 5 });
    const seen = bottleneck(t, 2e6, 500_000, 30_000);
    const { client, server } = t.pair();
    measure(t.run, client, server, 1);
    seen.largest = seen.marked = 0;
    const rate = measure(t.run, client, server, 4);
    expect(rate).toBeGreaterThan(1.8e6);
    expect(seen.largest).toBeLessThan(100_000);
    expect([seen.dropped, t.alice.count('TcpRetransSegs')]).toEqual([0, 0]);
    expect(seen.marked).toBeGreaterThan(100);
    const alpha = info(client).getUint32(4, true);
    expect(alpha).toBeGreaterThan(10);
    expect(alpha).toBeLessThan(700);
  });

  test('a receiver says exactly which segments were marked', () => {
    const t = byHand();
    dctcp().attach!(t.alice.host);
    t.alice.tcp.sysctl.tcp_congestion_control = 'dctcp';
    const listener = t.alice.open().listen(80);
    t.peer.say({ flags: 'SEW', seq: 0, ecn: ECT_0, options: SYN_OPTIONS });
    const [synack] = t.peer.take();
    expect([synack.flags, synack.ecn]).toEqual(['SE.', ECT_0]);
    t.peer.theirs = synack.seq;
    t.peer.say({});
    const server = listener.accept()!;
    // Past the first ACKs, which go out at once.
    let seq = 1;
    const data = (ecn: number): void => {
      t.peer.say({ seq, payload: 1000, ecn });
      seq += 1000;
    };
    for (let i = 0; i < 40; i++) data(ECT_0);
    t.run(100);
    server.recv();
    t.peer.take();
    const [from, marks] = [seq, [ECT_0, CE, CE, ECT_0]];
    for (const mark of marks) data(mark);
    expect(t.peer.heard().map((s) => s.replace(/ 1:1\(0\) /, ' '))).toEqual([
      `. ${from + 1000}`, // what was unmarked, before the first mark is told
      `E. ${from + 2000}`,
      `E. ${from + 3000}`,
      `. ${from + 4000}`,
    ]);
  });
});

test('an algorithm that decides by itself, and one that only listens, are guarded like all', () => {
  const t = twoHosts();
  const heard: number[] = [];
  const controls = t.alice.host.get(CongestionControls);
  controls.add({
    name: 'steady',
    ssthresh: (sk) => sk.cc.ssthresh,
    undoCwnd: (sk) => sk.cc.cwnd,
    congAvoid: () => {},
    congControl: (sk, _ack, sample) => void (sk.cc.cwnd = sample.delivered > 0 ? 7 : sk.cc.cwnd),
    inAckEvent: (_sk, flags) => void heard.push(flags),
    getInfo: () => Uint8Array.of(1, 2, 3),
  });
  t.alice.tcp.sysctl.tcp_congestion_control = 'steady';
  const { client, server } = t.pair();
  client.send(100_000);
  t.run(200);
  expect(server.recv()).toBeGreaterThan(50_000);
  expect([client.sk.cc.cwnd, heard.length > 10, info(client).byteLength]).toEqual([7, true, 3]);
});
