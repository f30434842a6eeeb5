import { EAGAIN, ECONNRESET, EPIPE, ETIMEDOUT } from '@stack/plugin';
import { EPOLLOUT, MSG_MORE, TCP_CLOSE, TCP_ESTABLISHED } from '@stack/sock';
import { describe, expect, test } from 'vitest';
import { TCP_CONGESTION, TCP_CORK, TCP_INFO, TCP_NODELAY, TCP_USER_TIMEOUT } from '../src/index.ts';
import { byHand, type Peer } from './ends.ts';

/** Times at which segments went, in ms from the first. */
const gaps = (peer: Peer): number[] => {
  const times = peer.take().map((s) => s.at);
  return times.slice(1).map((at, i) => Math.round(at - times[i]));
};

describe('small writes', () => {
  test('Nagle: the second waits for the ACK of the first, and goes with the third', () => {
    const { peer, accepted } = byHand();
    const { server } = accepted();
    for (let i = 0; i < 3; i++) server.send('abc');
    expect(peer.heard()).toEqual(['P. 1:4(3) 1']);
    peer.say({ ack: 4 });
    expect(peer.heard()).toEqual(['P. 4:10(6) 1']);
  });

  test('TCP_NODELAY', () => {
    const { peer, accepted } = byHand();
    const { server } = accepted();
    server.option(TCP_NODELAY, 1);
    for (let i = 0; i < 3; i++) server.send('abc');
    expect(peer.heard()).toEqual(['P. 1:4(3) 1', 'P. 4:7(3) 1', 'P. 7:10(3) 1']);
  });

  test('TCP_CORK holds all but full segments; drawing it sends the rest', () => {
    const { peer, accepted } = byHand();
    const { server } = accepted();
    server.option(TCP_CORK, 1);
    server.send(1000);
    expect(peer.heard()).toEqual([]);
    server.send(1000);
    expect(peer.heard()).toEqual(['. 1:1461(1460) 1']);
    server.option(TCP_CORK, 0);
    expect(peer.heard()).toEqual(['P. 1461:2001(540) 1']);
  });

  test('MSG_MORE is a cork for one write', () => {
    const { peer, accepted } = byHand();
    const { server } = accepted();
    server.send('GET ', MSG_MORE);
    server.send('/', 0);
    expect(peer.heard()).toEqual(['P. 1:6(5) 1']);
  });
});

describe('windows', () => {
  test('ten segments at first, then twice what was acknowledged', () => {
    const { peer, run, accepted } = byHand();
    const { server } = accepted();
    server.send(60_000);
    const first = peer.take();
    expect(first.map((s) => s.payload.length)).toEqual(Array.from({ length: 10 }, () => 1460));
    run(10);
    peer.say({ ack: 14_601 });
    expect(peer.take().reduce((sum, s) => sum + s.payload.length, 0)).toBe(20 * 1460);
  });

  test('never more than the peer lets us', () => {
    const { peer, accepted } = byHand();
    peer.win = 3000;
    const { server } = accepted({ mss: 1460 });
    server.send(20_000);
    expect(peer.take().reduce((sum, s) => sum + s.payload.length, 0)).toBeLessThanOrEqual(3000);
  });

  test('a closed window is probed, ever more seldom, and used when it opens', () => {
    const { alice, peer, run, accepted } = byHand();
    const { server } = accepted();
    peer.say({ win: 0 });
    server.send(5000);
    run(8000);
    const probes = peer.heard();
    expect(probes.length).toBeGreaterThan(3);
    expect(new Set(probes)).toEqual(new Set(['. 0:0(0) 1']));
    expect(alice.count('TcpExtTCPWinProbe')).toBe(probes.length);
    peer.say({ win: 100 });
    expect(peer.take().reduce((sum, s) => sum + s.payload.length, 0)).toBe(5000);
  });

  test('probes that are answered go on for ever; unanswered ones end', () => {
    const { peer, run, accepted } = byHand();
    const { server } = accepted();
    peer.say({ win: 0 });
    server.send(10);
    for (let i = 0; i < 300; i++) {
      run(10_000);
      if (peer.take().length > 0) peer.say({ win: 0 });
    }
    expect(server.state).toBe(TCP_ESTABLISHED);
    run(2_400_000); // fifteen probes, two minutes apart
    expect([server.state, server.sk.err]).toEqual([TCP_CLOSE, ETIMEDOUT]);
  });
});

describe('time-outs', () => {
  test('doubles from 200 ms and more; gives up after some fifteen minutes', () => {
    const { peer, run, accepted, clock } = byHand();
    const { server } = accepted({ mss: 1460 }); // without SACK there is no loss probe
    const start = clock.now();
    server.send('x');
    while (server.state === TCP_ESTABLISHED) run(1000);
    const between = gaps(peer);
    expect(between).toHaveLength(15);
    // The wheel is late by up to an eighth.
    let rto = 210;
    for (const gap of between) {
      expect(gap).toBeGreaterThanOrEqual(rto - 10);
      expect(gap).toBeLessThanOrEqual(rto * 1.13 + 10);
      rto = Math.min(rto * 2, 120_000);
    }
    expect(server.sk.err).toBe(ETIMEDOUT);
    expect((clock.now() - start) / 60e9).toBeGreaterThan(15);
  });

  test('TCP_USER_TIMEOUT ends it earlier', () => {
    const { run, accepted } = byHand();
    const { server } = accepted();
    server.option(TCP_USER_TIMEOUT, 3000);
    server.send('x');
    run(2900);
    expect(server.state).toBe(TCP_ESTABLISHED);
    run(1500);
    expect([server.state, server.sk.err]).toEqual([TCP_CLOSE, ETIMEDOUT]);
  });

  test('one segment, then as many as were acknowledged: slow start', () => {
    const { alice, peer, run, accepted } = byHand();
    const { server } = accepted({ mss: 1460 });
    server.send(14_600);
    peer.take();
    run(300);
    expect(peer.heard()).toEqual(['. 1:1461(1460) 1']);
    peer.say({ ack: 1461 });
    expect(peer.heard()).toEqual(['. 1461:2921(1460) 1', '. 2921:4381(1460) 1']);
    expect(alice.count('TcpExtTCPTimeouts')).toBe(1);
  });
});

describe('loss', () => {
  test('a loss probe after two round trips, with the last segment', () => {
    const { alice, peer, run, accepted } = byHand();
    const { server } = accepted();
    server.send(3 * 1460);
    peer.take();
    run(40);
    expect(peer.heard()).toEqual(['P. 2921:4381(1460) 1']);
    expect(alice.count('TcpExtTCPLossProbes')).toBe(1);
  });

  test('SACK: what was sent before what arrived is sent again, once', () => {
    const { alice, peer, run, accepted } = byHand();
    const { server } = accepted();
    server.send(10 * 1460);
    peer.take();
    run(10);
    for (let i = 2; i <= 4; i++) peer.say({ ack: 1, options: { sack: [[1461, 1461 + 1460 * (i - 1)]] } });
    expect(peer.heard()).toEqual(['. 1:1461(1460) 1']);
    peer.say({ ack: 14_601 });
    run(1000);
    expect(peer.heard()).toEqual([]);
    expect(alice.count('TcpRetransSegs')).toBe(1);
    expect(alice.count('TcpExtTCPSackRecovery')).toBe(1);
    expect(server.sk.cc.cwnd).toBeLessThan(10);
  });

  test('without SACK: three duplicate ACKs, then each partial ACK', () => {
    const { alice, peer, run, accepted } = byHand();
    const { server } = accepted({ mss: 1460 });
    server.send(10 * 1460);
    peer.take();
    run(10);
    peer.say({});
    peer.say({});
    expect(peer.heard()).toEqual([]);
    peer.say({});
    expect(peer.heard()).toEqual(['. 1:1461(1460) 1']);
    run(10);
    peer.say({ ack: 2921 });
    expect(peer.heard()[0]).toBe('. 2921:4381(1460) 1');
    expect(alice.count('TcpExtTCPRenoRecovery')).toBe(1);
  });

  test('a retransmission that proves needless gives the window back', () => {
    const { alice, peer, run, accepted } = byHand();
    const { server } = accepted();
    server.send(10 * 1460);
    peer.take();
    run(10);
    for (let i = 2; i <= 4; i++) peer.say({ options: { sack: [[1461, 1461 + 1460 * (i - 1)]] } });
    expect(peer.take()).toHaveLength(1);
    peer.say({ ack: 14_601, options: { sack: [[1, 1461]] } }); // it had it already
    expect(server.sk.cc.cwnd).toBeGreaterThanOrEqual(10);
    expect(alice.count('TcpExtTCPDSACKUndo') + alice.count('TcpExtTCPFullUndo')).toBe(1);
  });

  test('half a segment acknowledged: only the rest is sent again', () => {
    const { peer, run, accepted } = byHand();
    const { server } = accepted({ mss: 1460 });
    server.send(1460);
    peer.take();
    peer.say({ ack: 501 });
    run(500);
    expect(peer.heard()[0]).toBe('P. 501:1461(960) 1');
  });
});

test('the path is narrower: smaller segments at once, and for those lost', () => {
  const { alice, peer, accepted } = byHand();
  const { server } = accepted();
  server.send(3 * 1460);
  const sent = peer.take();
  alice.wire.icmp(3, 4, 1000, 80, 0x0a000002, peer.sport, sent[0].seq);
  const again = peer.take();
  expect(again.length).toBeGreaterThan(0);
  for (const { payload } of again) expect(payload.length).toBeLessThanOrEqual(960);
  peer.say({ ack: 3 * 1460 + 1 });
  server.send(5000);
  for (const { payload } of peer.take()) expect(payload.length).toBeLessThanOrEqual(960);
});

test('a full send buffer, and room again', () => {
  const { peer, accepted } = byHand();
  const { server } = accepted();
  while (server.send(10_000) > 0);
  expect([server.send(1), server.poll() & EPOLLOUT]).toEqual([-EAGAIN, 0]);
  server.woken = 0;
  for (let i = 0; i < 100 && (server.woken & EPOLLOUT) === 0; i++) {
    const last = peer.take().at(-1);
    if (last !== undefined) peer.say({ ack: ((last.seq - peer.theirs) | 0) + last.payload.length });
  }
  expect(server.woken & EPOLLOUT).toBe(EPOLLOUT);
  expect(server.send(1)).toBe(1);
});

test('a peer that resets: ECONNRESET once, then EPIPE', () => {
  const { peer, accepted } = byHand();
  const { server } = accepted();
  peer.say({ flags: 'R.', seq: 1 });
  expect([server.recv(), server.send(1), server.recv()]).toEqual([-ECONNRESET, -EPIPE, 0]);
});

test('options read back, the algorithm changes, and TCP_INFO tells', () => {
  const { peer, run, accepted } = byHand();
  const { server } = accepted();
  const name = (text: string): Uint8Array => new TextEncoder().encode(`${text}\0`);
  expect(server.option(TCP_CONGESTION, name('nosuch'))).toBeLessThan(0);
  expect(server.option(TCP_CONGESTION, name('reno'))).toBe(0);
  const text = server.sk.proto.getsockopt(server.sk, 6, TCP_CONGESTION) as Uint8Array;
  expect(new TextDecoder().decode(text).replace(/\0+$/, '')).toBe('reno');
  server.send(1000);
  run(10);
  peer.say({ ack: 1001 });
  const info = server.sk.proto.getsockopt(server.sk, 6, TCP_INFO) as Uint8Array;
  const view = new DataView(info.buffer, info.byteOffset);
  expect(info[0]).toBe(TCP_ESTABLISHED);
  expect([view.getUint32(16, true), view.getUint32(80, true)]).toEqual([1460, expect.any(Number)]);
  expect(view.getUint32(68, true)).toBeGreaterThanOrEqual(9000);
  expect(Number(view.getBigUint64(120, true))).toBeGreaterThanOrEqual(1000);
});
