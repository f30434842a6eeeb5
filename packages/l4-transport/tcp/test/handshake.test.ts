import { ECONNREFUSED, EHOSTUNREACH, ETIMEDOUT } from '@stack/plugin';
import { TCP_CLOSE, TCP_ESTABLISHED, TCP_LISTEN, TCP_SYN_SENT } from '@stack/sock';
import { expect, test } from 'vitest';
import { TCP_KEEPCNT, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_MAXSEG, TCP_SYNCNT } from '../src/index.ts';
import { BOB, byHand, SYN_OPTIONS } from './ends.ts';

test('what a SYN offers', () => {
  const { alice, peer } = byHand();
  const client = alice.open();
  client.connect(BOB, 80);
  expect(client.state).toBe(TCP_SYN_SENT);
  const [syn] = peer.take();
  expect([syn.flags, syn.win > 60_000, syn.payload.length]).toEqual(['S', true, 0]);
  const { timestamps, ...options } = syn.options;
  expect(options).toEqual({ mss: 1460, sackPermitted: true, windowScale: 10 });
  expect(timestamps!.echo).toBe(0);
});

test('a SYN-ACK offers only what was offered', () => {
  const { alice, peer } = byHand();
  alice.open().listen(80);
  const answerTo = (options: object) => {
    peer.sport++;
    peer.say({ flags: 'S', seq: 0, options });
    const [{ flags, win, options: answer }] = peer.take();
    return { flags, win, ...answer };
  };
  expect(answerTo({ mss: 1000 })).toEqual({ flags: 'S.', win: 64_240, mss: 1460 });
  expect(answerTo({ ...SYN_OPTIONS })).toEqual({
    flags: 'S.',
    win: 64_240,
    mss: 1460,
    sackPermitted: true,
    windowScale: 10,
  });
  const stamped = answerTo({ mss: 1460, timestamps: { value: 7, echo: 0 } });
  expect(stamped).toMatchObject({ timestamps: { echo: 7 } });
  expect(stamped).not.toHaveProperty('windowScale');
});

test('TCP_MAXSEG bounds what is announced and what is sent', () => {
  const { alice, peer } = byHand();
  const client = alice.open();
  expect(client.option(TCP_MAXSEG, 700)).toBe(0);
  client.connect(BOB, 80);
  expect(peer.take()[0].options.mss).toBe(700);
});

test('SYN is repeated each second at first, then ever more seldom, and given up', () => {
  const { alice, peer, run } = byHand();
  const client = alice.open();
  client.connect(BOB, 80);
  run(200_000);
  const gaps = peer.take().map((s, i, all) => (i === 0 ? 0 : Math.round((s.at - all[i - 1].at) / 100) / 10));
  expect(gaps.length).toBe(11);
  // The timer wheel is late by up to an eighth.
  [1, 1, 1, 1, 1, 2, 4, 8, 16, 32].forEach((seconds, i) => {
    expect(gaps[i + 1]).toBeGreaterThanOrEqual(seconds);
    expect(gaps[i + 1]).toBeLessThanOrEqual(seconds * 1.13 + 0.1);
  });
  expect([client.state, client.sk.err]).toEqual([TCP_CLOSE, ETIMEDOUT]);
});

test('TCP_SYNCNT', () => {
  const { alice, peer, run } = byHand();
  alice.tcp.sysctl.tcp_syn_linear_timeouts = 0;
  const client = alice.open();
  client.option(TCP_SYNCNT, 2);
  client.connect(BOB, 80);
  run(60_000);
  expect(peer.take()).toHaveLength(3);
  expect(client.state).toBe(TCP_CLOSE);
});

test('SYN-ACK is repeated with back-off, and the request forgotten', () => {
  const { alice, peer, run } = byHand();
  alice.open().listen(80);
  peer.say({ flags: 'S', seq: 0, options: SYN_OPTIONS });
  run(80_000);
  const times = peer.take().map((s) => Math.round(s.at / 1000));
  expect(times).toHaveLength(6);
  [0, 1, 3, 7, 15, 31].forEach((second, i) => expect(Math.abs(times[i] - second)).toBeLessThanOrEqual(1 + second / 8));
  expect([...alice.tcp.hashinfo.ehash]).toHaveLength(0);
});

test('a SYN that comes again is answered again; one that changed its mind is reset', () => {
  const { alice, peer, run } = byHand();
  alice.open().listen(80);
  peer.say({ flags: 'S', seq: 0, options: SYN_OPTIONS });
  const [first] = peer.take();
  run(600);
  peer.say({ flags: 'S', seq: 0, options: SYN_OPTIONS });
  expect(peer.take().map((s) => s.seq)).toEqual([first.seq]);
  peer.theirs = first.seq;
  peer.say({ flags: 'R', seq: 1 });
  expect([...alice.tcp.hashinfo.ehash]).toHaveLength(0);
});

test('an ACK of something never sent is reset, in a handshake and without one', () => {
  const { alice, peer } = byHand();
  alice.open().listen(80);
  peer.say({ flags: '.', seq: 1, ack: 77 });
  expect(peer.heard()).toEqual(['R 77:77(0)']);
  peer.say({ flags: 'S', seq: 0, options: SYN_OPTIONS });
  peer.theirs = peer.take()[0].seq;
  peer.say({ flags: '.', seq: 1, ack: 78 });
  expect(peer.heard()).toEqual(['R 78:78(0)']);
});

test('segments for nobody: a RST that the sender believes, and none for a RST', () => {
  const { peer } = byHand();
  peer.say({ flags: 'S', seq: 0, options: SYN_OPTIONS });
  peer.say({ flags: 'F', seq: 10, payload: 4 });
  peer.say({ flags: 'R', seq: 10 });
  expect(peer.heard()).toEqual(['R. 0:0(0) 1', 'R. 0:0(0) 15']);
});

test('a RST answers our SYN only if it acknowledges it', () => {
  const { alice, peer } = byHand();
  const client = alice.open();
  client.connect(BOB, 80);
  const [syn] = peer.take();
  [peer.theirs, peer.sport, peer.dport] = [syn.seq, 80, syn.sport];
  peer.say({ flags: 'R', seq: 0 });
  expect(client.state).toBe(TCP_SYN_SENT);
  peer.say({ flags: 'R.', seq: 0, ack: 1 });
  expect([client.state, client.sk.err]).toEqual([TCP_CLOSE, ECONNREFUSED]);
});

test('unreachable ends a connection that begins, and is noted by one that stands', () => {
  const { alice, peer, accepted } = byHand();
  const client = alice.open();
  client.connect(BOB, 80);
  const [syn] = peer.take();
  alice.wire.icmp(3, 1, 0, syn.sport, BOB, 80, syn.seq - 1000); // a guess
  expect(client.state).toBe(TCP_SYN_SENT);
  alice.wire.icmp(3, 1, 0, syn.sport, BOB, 80, syn.seq);
  expect([client.state, client.sk.err]).toEqual([TCP_CLOSE, EHOSTUNREACH]);
  const { server } = accepted();
  server.send('x');
  alice.wire.icmp(3, 1, 0, 80, BOB, peer.sport, peer.theirs + 1);
  expect([server.state, server.sk.err, server.sk.errSoft]).toEqual([TCP_ESTABLISHED, 0, EHOSTUNREACH]);
});

test('listeners survive everything', () => {
  const { alice, peer } = byHand();
  const listener = alice.open().listen(80);
  for (const flags of ['R', 'F', 'SF', 'P', '', 'R.', 'F.', 'S.', 'SR']) peer.say({ flags, seq: 3 });
  expect([listener.state, [...alice.tcp.hashinfo.ehash].length]).toEqual([TCP_LISTEN, 0]);
});

test('keepalive: probes after silence, and the end when none is answered', () => {
  const { alice, peer, run, accepted } = byHand();
  const { server } = accepted();
  server.sk.proto.setsockopt(server.sk, 6, TCP_KEEPIDLE, 10);
  server.option(TCP_KEEPINTVL, 2);
  server.option(TCP_KEEPCNT, 3);
  server.sk.change({ keepOpen: true });
  server.option(TCP_KEEPIDLE, 10); // arms the timer, since the switch is on
  run(9000);
  expect(peer.heard()).toEqual([]);
  run(2500);
  expect(peer.heard()).toEqual(['. 0:0(0) 1']);
  peer.say({ flags: '.' });
  run(9000);
  expect(peer.heard()).toEqual([]);
  run(12_000);
  expect(peer.heard()).toEqual(['. 0:0(0) 1', '. 0:0(0) 1', '. 0:0(0) 1', 'R. 1:1(0) 1']);
  expect([server.state, server.sk.err]).toEqual([TCP_CLOSE, ETIMEDOUT]);
  expect(alice.count('TcpExtTCPKeepAlive')).toBe(4);
});
