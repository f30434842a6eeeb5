import { EPOLLOUT } from '@stack/sock';
import { describe, expect, test } from 'vitest';
import { TCP_NOTSENT_LOWAT } from '../src/index.ts';
import { byHand, twoHosts, type End } from './ends.ts';

const [SOL_SOCKET, SO_MAX_PACING_RATE] = [1, 47];
const limit = (end: End, rate: number | Uint8Array): number =>
  end.sk.proto.setsockopt(end.sk, SOL_SOCKET, SO_MAX_PACING_RATE, rate);
const rateOf = (end: End): bigint => {
  const bytes = end.sk.proto.getsockopt(end.sk, SOL_SOCKET, SO_MAX_PACING_RATE) as Uint8Array;
  return new DataView(bytes.buffer).getBigUint64(0, true);
};

/** Sends without end for a while; bytes a second that arrived in the second half. */
function measure(run: (ms: number) => void, from: End, to: End, seconds: number): number {
  let half = 0;
  let received = 0;
  for (let ms = 0; ms < seconds * 1000; ms += 10) {
    while (from.send(65_536) > 0);
    run(10);
    for (let n = to.recv(); n > 0; n = to.recv()) received += n;
    if (ms < seconds * 500) half = received;
  }
  return (received - half) / (seconds / 2);
}

describe('SO_MAX_PACING_RATE', () => {
  test.each([100_000, 1_000_000, 10_000_000])('%i bytes a second, evenly', (rate) => {
    const { alice, link, pair, run } = twoHosts();
    const { client, server } = pair();
    limit(client, rate);
    const measured = measure(run, client, server, 4);
    expect(Math.abs(measured - rate) / rate).toBeLessThan(0.05);
    expect(alice.count('TcpRetransSegs')).toBe(0);
    // No millisecond has much more than its share (packets of two segments at least, and headers do not count).
    const perMs = new Map<number, number>();
    for (const s of link.log.slice(200)) {
      const ms = Math.floor(s.at);
      perMs.set(ms, (perMs.get(ms) ?? 0) + s.payload.length);
    }
    expect(Math.max(...perMs.values())).toBeLessThan(Math.max(2 * 1448, (2.5 * rate) / 1000) + 2 * 1448);
  });

  test('reads back; all ones are no limit, and 8 bytes are one too', () => {
    const { accepted } = byHand();
    const { server } = accepted();
    expect([rateOf(server), limit(server, 5), rateOf(server)]).toEqual([2n ** 64n - 1n, 0, 5n]);
    expect([limit(server, -1), rateOf(server)]).toEqual([0, 2n ** 64n - 1n]);
    const wide = new Uint8Array(8);
    new DataView(wide.buffer).setBigUint64(0, 10_000_000_000n, true);
    expect([limit(server, wide), rateOf(server)]).toEqual([0, 10_000_000_000n]);
    expect(limit(server, Uint8Array.of(1))).toBeLessThan(0);
  });

  test('a retransmission keeps the pace, too, and nothing is left when the socket closes', () => {
    const { link, pair, run, alice } = twoHosts();
    const { client, server } = pair();
    limit(client, 200_000);
    let count = 0;
    link.drop = (s, from) => from === alice.wire && s.payload.length > 0 && ++count % 50 === 0;
    const measured = measure(run, client, server, 8);
    expect(measured).toBeGreaterThan(150_000);
    expect(measured).toBeLessThan(210_000);
    expect(alice.count('TcpRetransSegs')).toBeGreaterThan(5);
    client.close();
    server.close();
    run(1000);
  });

  test('a listener hands it on', () => {
    const { peer, accepted, alice } = byHand();
    const listener = alice.open().listen(81);
    limit(listener, 777);
    peer.dport = 81;
    peer.say({ flags: 'S', seq: 0, options: { mss: 1460 } });
    peer.theirs = peer.take()[0].seq;
    peer.say({});
    expect(rateOf(listener.accept()!)).toBe(777n);
    peer.dport = 80;
    expect(rateOf(accepted().server)).toBe(2n ** 64n - 1n);
  });
});

test('a discipline that paces: packets tell when they are due, and no timer holds the socket', () => {
  const { peer, run, accepted, alice } = byHand();
  const { server } = accepted();
  limit(server, 1_000_000);
  server.sk.paceInQdisc();
  const due: number[] = [];
  const { queueXmit } = alice.wire;
  alice.wire.queueXmit = (sk, skb, ecn) => {
    due.push(skb.tstamp);
    return queueXmit.call(alice.wire, sk, skb, ecn);
  };
  const start = alice.tcp.clock.now();
  server.send(10 * 1460);
  peer.take();
  run(20);
  peer.say({ ack: 10 * 1460 + 1 });
  server.send(20 * 1460);
  expect(peer.take()).toHaveLength(20);
  const steps = due.slice(1).map((at, i) => at - due[i]);
  expect(due[0]).toBe(start);
  // Two segments each: 2920 bytes at a million a second.
  expect(new Set(steps.slice(-5))).toEqual(new Set([2_920_000]));
});

describe('TCP_NOTSENT_LOWAT', () => {
  test('writes end when so much waits unsent; a writer is woken at half of it', () => {
    const { peer, accepted } = byHand();
    const { server } = accepted();
    server.sk.sndbuf = 1 << 20; // or it would be the limit
    server.option(TCP_NOTSENT_LOWAT, 20_000);
    while (server.send(1000) > 0);
    const unsent = (): number => (server.sk.snd.writeSeq - server.sk.snd.nxt) | 0;
    expect(unsent()).toBeGreaterThanOrEqual(20_000);
    expect(unsent()).toBeLessThan(90_000);
    server.woken = 0;
    for (let acked = 1; unsent() >= 10_000; acked += 1460) {
      expect([server.poll() & EPOLLOUT, server.woken & EPOLLOUT]).toEqual([0, 0]);
      peer.say({ ack: acked + 1460 });
    }
    expect([server.poll() & EPOLLOUT, server.woken & EPOLLOUT]).toEqual([EPOLLOUT, EPOLLOUT]);
  });
});
