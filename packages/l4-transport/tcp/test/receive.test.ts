import { ECONNRESET } from '@stack/plugin';
import { MSG_PEEK, MSG_TRUNC, SOCK_RCVBUF_LOCK, TCP_CLOSE, TCP_CLOSE_WAIT, TCP_ESTABLISHED } from '@stack/sock';
import { describe, expect, test } from 'vitest';
import { TCP_QUICKACK } from '../src/index.ts';
import { byHand, SYN_OPTIONS, type Peer } from './ends.ts';

const STAMPED = { ...SYN_OPTIONS, timestamps: { value: 1000, echo: 0 } };

describe('ACKs', () => {
  test('at first at once; later every second full segment', () => {
    const { peer, run, accepted } = byHand();
    const { server } = accepted();
    for (let i = 0; i < 16; i++) peer.say({ seq: 1 + i * 1460, payload: 1460 });
    expect(peer.heard()).toHaveLength(16);
    server.recv();
    run(300);
    peer.take();
    for (let i = 16; i < 36; i++) {
      peer.say({ seq: 1 + i * 1460, payload: 1460 });
      server.recv(); // who does not read gets no larger window, and tells of none
    }
    const later = peer.heard().length;
    expect([later >= 10, later < 20]).toEqual([true, true]);
  });

  test('a lone small segment waits 40 ms for company', () => {
    const { peer, run, accepted, alice } = byHand();
    const { server } = accepted();
    server.option(TCP_QUICKACK, 0); // the application converses
    server.sk.ack.quick = 0;
    server.sk.ack.ato = 40;
    peer.say({ seq: 1, payload: 10 });
    run(39);
    expect(peer.heard()).toEqual([]);
    run(12);
    expect(peer.heard()).toEqual(['. 1:1(0) 11']);
    expect(alice.count('TcpExtDelayedACKs')).toBe(1);
  });

  test('ride with data that go the other way', () => {
    const { peer, run, accepted } = byHand();
    const { server } = accepted();
    server.option(TCP_QUICKACK, 0);
    server.sk.ack.quick = 0;
    server.sk.ack.ato = 40;
    peer.say({ seq: 1, payload: 10 });
    server.send('answer');
    expect(peer.heard()).toEqual(['P. 1:7(6) 11']);
    peer.say({ seq: 11, ack: 7 });
    run(300);
    expect(peer.heard()).toEqual([]);
  });
});

describe('out of order', () => {
  const later = (peer: Peer, ...segments: number[]): string[] => {
    for (const i of segments) peer.say({ seq: 1 + 100 * i, payload: 100 });
    return peer.heard();
  };

  test('each segment is answered at once, with the latest block first', () => {
    const { peer, accepted } = byHand();
    accepted();
    expect(later(peer, 1)).toEqual(['. 1:1(0) 1 sack 101-201']);
    expect(later(peer, 3)).toEqual(['. 1:1(0) 1 sack 301-401,101-201']);
    expect(later(peer, 5)).toEqual(['. 1:1(0) 1 sack 501-601,301-401,101-201']);
  });

  test('an old block that grows is the latest again', () => {
    const { peer, accepted } = byHand();
    accepted();
    later(peer, 1, 5);
    expect(later(peer, 2)).toEqual(['. 1:1(0) 1 sack 101-301,501-601']);
  });

  test('the gap filled: all is acknowledged, and read in order', () => {
    const { peer, accepted } = byHand();
    const { server } = accepted();
    const say = (seq: number, text: string): void => peer.say({ seq, payload: new TextEncoder().encode(text) });
    say(7, 'third ');
    say(4, 'two');
    say(7, 'thi');
    expect(server.text()).toBe(-11);
    say(1, 'one');
    expect(server.text()).toBe('onetwothird ');
    expect(peer.heard().at(-1)).toBe('. 1:1(0) 13');
  });

  test('twice: DSACK, for what is acknowledged and for what is not', () => {
    const { peer, accepted } = byHand();
    accepted();
    later(peer, 0);
    expect(later(peer, 0)).toEqual(['. 1:1(0) 101 sack 1-101']);
    later(peer, 4);
    expect(later(peer, 4)).toEqual(['. 1:1(0) 101 sack 401-501,401-501']);
  });

  test('blocks that touch become one', () => {
    const { peer, run, accepted } = byHand();
    accepted();
    later(peer, 2, 6, 4);
    expect(later(peer, 3)).toEqual([]);
    run(5); // the peer knows of the gap: blocks that only grow are told together
    expect(peer.heard()).toEqual(['. 1:1(0) 1 sack 201-501,601-701']);
  });

  test('at most four blocks, three beside time stamps', () => {
    const { peer, run, accepted } = byHand();
    accepted(STAMPED);
    for (const i of [1, 3, 5, 7, 9]) {
      peer.say({ seq: 1 + 100 * i, payload: 100, options: { timestamps: { value: 1001, echo: 0 } } });
      run(5);
    }
    expect(peer.take().map((s) => s.options.sack?.length)).toEqual([1, 2, 3, 3, 3]);
  });
});

describe('what does not belong', () => {
  test('RST: exactly in place it ends the connection, elsewhere in the window it is asked about', () => {
    const { peer, run, accepted, alice } = byHand();
    const { server } = accepted();
    peer.say({ flags: 'R', seq: 2000 });
    expect([server.state, peer.heard()]).toEqual([TCP_ESTABLISHED, ['. 1:1(0) 1']]);
    run(1000);
    peer.say({ flags: 'R', seq: 1_000_000 });
    expect([server.state, peer.heard()]).toEqual([TCP_ESTABLISHED, []]);
    peer.say({ flags: 'R', seq: 1 });
    expect([server.state, server.sk.err, peer.heard()]).toEqual([TCP_CLOSE, ECONNRESET, []]);
    expect(alice.count('TcpExtTCPChallengeACK')).toBe(1);
  });

  test('SYN inside a connection is asked about, but not too often', () => {
    const { peer, run, accepted } = byHand();
    const { server } = accepted();
    for (let i = 0; i < 5; i++) peer.say({ flags: 'S', seq: 1 });
    expect(peer.heard()).toEqual(['. 1:1(0) 1']);
    run(501);
    peer.say({ flags: 'S', seq: 1 });
    expect([peer.heard(), server.state]).toEqual([['. 1:1(0) 1'], TCP_ESTABLISHED]);
  });

  test('an old time stamp: the segment is answered and dropped', () => {
    const { peer, accepted, alice } = byHand();
    const { server } = accepted(STAMPED);
    peer.say({ seq: 1, payload: 3, options: { timestamps: { value: 2000, echo: 0 } } });
    peer.take();
    peer.say({ seq: 4, payload: 3, options: { timestamps: { value: 1500, echo: 0 } } });
    expect(peer.heard()).toEqual(['. 1:1(0) 4']);
    expect([server.recv(), alice.count('TcpExtPAWSEstab')]).toEqual([3, 1]);
  });

  test('an ACK of what was never sent, and data beyond the window', () => {
    const { peer, accepted } = byHand();
    const { server } = accepted();
    peer.say({ flags: '.', ack: 5000, payload: 10 });
    peer.say({ flags: '.', seq: 200_000, payload: 10 });
    expect([server.recv(), server.state]).toEqual([-11, TCP_ESTABLISHED]);
  });

  test('no ACK flag', () => {
    const { peer, accepted } = byHand();
    const { server } = accepted();
    peer.say({ flags: 'P', seq: 1, payload: 10 });
    expect([server.recv(), peer.heard()]).toEqual([-11, []]);
  });
});

test('PEEK leaves bytes, TRUNC throws them away, and reads stop where they are told', () => {
  const { peer, accepted } = byHand();
  const { server } = accepted();
  peer.say({ seq: 1, payload: new TextEncoder().encode('hello, world') });
  expect([server.text(MSG_PEEK), server.recv(5), new TextDecoder().decode(server.bytes(5))]).toEqual([
    'hello, world',
    5,
    'hello',
  ]);
  expect([server.recv(2, MSG_TRUNC), server.text()]).toEqual([2, 'world']);
});

test('FIN with the last data; then the end, again and again', () => {
  const { peer, run, accepted } = byHand();
  const { server } = accepted();
  peer.say({ flags: 'F.', seq: 1, payload: 3 });
  run(60); // perhaps the application closes too, and the ACK rides with its FIN
  expect([server.state, peer.heard()]).toEqual([TCP_CLOSE_WAIT, ['. 1:1(0) 5']]);
  expect([server.recv(), server.recv(), server.recv()]).toEqual([3, 0, 0]);
});

test('FIN out of order waits for its turn', () => {
  const { peer, accepted } = byHand();
  const { server } = accepted();
  peer.say({ flags: 'F.', seq: 4, payload: 3 });
  expect(server.state).toBe(TCP_ESTABLISHED);
  peer.say({ seq: 1, payload: 3 });
  expect([server.state, server.recv(), server.recv()]).toEqual([TCP_CLOSE_WAIT, 6, 0]);
});

test('a reader who does not read closes the window; reading opens it, and the peer is told', () => {
  const { peer, run, accepted } = byHand();
  const { server } = accepted();
  const size = 1460;
  let seq = 1;
  let window = 512;
  for (let i = 0; i < 400 && window > 0; i++) {
    const payload = Math.min(size, window << 10);
    peer.say({ seq, payload });
    const out = peer.take().at(-1);
    if (out !== undefined) {
      window = out.win;
      seq = (out.ack - peer.isn) | 0;
    } else seq += payload;
    run(1);
  }
  run(300);
  expect(window).toBe(0);
  const before = seq;
  peer.say({ seq, payload: size }); // beyond the window
  expect(peer.take().map((s) => [(s.ack - peer.isn) | 0, s.win])).toEqual([[before, 0]]);
  expect(server.recv()).toBe(before - 1);
  const [update] = peer.take();
  expect(update.win << 10).toBeGreaterThan(10 * size);
});

test('a segment that goes on beyond the window is taken only while nothing waits to be read', () => {
  const { alice, peer, run, accepted } = byHand();
  const { server } = accepted();
  peer.say({ seq: 1, payload: 30_000 });
  run(300);
  const edge = 30_001 + (peer.take().at(-1)!.win << 10);
  peer.say({ seq: edge - 100, payload: 200 });
  expect([alice.count('TcpExtBeyondWindow'), server.sk.hasHoles]).toEqual([1, false]);
  peer.say({ seq: 1, payload: 1000 }); // old, but not beyond
  expect(alice.count('TcpExtBeyondWindow')).toBe(1);
  expect(server.recv()).toBe(30_000);
  peer.take();
  peer.say({ seq: edge - 100, payload: 200 });
  expect(server.sk.hasHoles).toBe(true);
});

test('many small segments do not cost more than the buffer: they are copied together', () => {
  const { alice, peer, run, accepted } = byHand();
  const { server } = accepted();
  server.sk.userlocks |= SOCK_RCVBUF_LOCK;
  for (let i = 0; i < 3000; i++) {
    peer.say({ seq: 1 + 2 * i, payload: Uint8Array.of(i, i >> 8) });
    if (i % 50 === 0) run(1);
  }
  expect(server.sk.rmemAlloc).toBeLessThan(server.sk.rcvbuf + 5000);
  expect(alice.count('TcpExtTCPRcvCollapsed')).toBeGreaterThan(100);
  const acked = (peer.take().at(-1)!.ack - peer.isn - 1) | 0;
  const length = server.recv();
  expect([length >= acked, length > 1000]).toEqual([true, true]);
  const bytes = server.bytes(length);
  for (let i = 0; i < length / 2; i++) expect(bytes[2 * i] | (bytes[2 * i + 1] << 8)).toBe(i);
});
