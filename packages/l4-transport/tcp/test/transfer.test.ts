import { EAGAIN, ECONNREFUSED } from '@stack/plugin';
import {
  EPOLLIN,
  EPOLLOUT,
  TCP_CLOSE,
  TCP_CLOSE_WAIT,
  TCP_ESTABLISHED,
  TCP_FIN_WAIT2,
  TCP_LAST_ACK,
} from '@stack/sock';
import { describe, expect, test } from 'vitest';
import { ALICE, BOB, twoHosts, type End } from './ends.ts';
import type { BadNetwork } from './wire.ts';

const pattern = (length: number, step: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * step) ^ (i >> 9));

/** Faster than toEqual by far, for large arrays. */
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Lets one side write and the other read until all is across. */
function transfer(run: (ms: number) => void, from: End, to: End, bytes: Uint8Array, minutes = 30): Uint8Array {
  const got = new Uint8Array(bytes.length);
  let sent = 0;
  let received = 0;
  for (let i = 0; i < minutes * 6000 && received < bytes.length; i++) {
    if (sent < bytes.length) sent += Math.max(0, from.send(bytes.subarray(sent)));
    for (let n = to.recv(); n > 0; n = to.recv()) {
      got.set(to.bytes(n), received);
      received += n;
    }
    run(10);
  }
  expect(received).toBe(bytes.length);
  return got;
}

test('three segments open a connection, and both ends learn of it', () => {
  const { pair, link } = twoHosts();
  const { client, server } = pair();
  expect([client.state, server.state]).toEqual([TCP_ESTABLISHED, TCP_ESTABLISHED]);
  expect(link.log.map((s) => s.flags)).toEqual(['S', 'S.', '.']);
  expect(client.woken & EPOLLOUT).toBe(EPOLLOUT);
  expect([client.poll(), client.recv()]).toEqual([EPOLLOUT, -EAGAIN]);
});

test('a listener is told of a connection', () => {
  const { alice, bob, run } = twoHosts();
  const listener = bob.open().listen(80);
  expect(listener.poll()).toBe(0);
  alice.open().connect(BOB, 80);
  run(100);
  expect([listener.woken & EPOLLIN, listener.poll()]).toEqual([EPOLLIN, EPOLLIN]);
});

test('nobody listens', () => {
  const { alice, run } = twoHosts();
  const client = alice.open();
  client.connect(BOB, 81);
  run(100);
  expect([client.sk.err, client.state]).toEqual([ECONNREFUSED, TCP_CLOSE]);
});

test('bytes go both ways at once', () => {
  const { pair, run } = twoHosts();
  const { client, server } = pair();
  expect([client.send('question'), server.send('answer')]).toEqual([8, 6]);
  run(50);
  expect([client.text(), server.text()]).toEqual(['answer', 'question']);
});

describe('a megabyte arrives as it was sent', () => {
  const networks: [string, BadNetwork][] = [
    ['a good network', {}],
    ['a near one', { delay: 0.05 }],
    ['loss', { loss: 0.03 }],
    ['reordering', { jitter: 8 }],
    ['duplication', { duplicate: 0.1 }],
    ['all of it', { loss: 0.05, jitter: 15, duplicate: 0.05, delay: 20 }],
  ];
  for (const [name, network] of networks) {
    for (const control of ['cubic', 'reno'])
      test(`${name}, ${control}`, () => {
        const { alice, bob, pair, run } = twoHosts(network);
        alice.tcp.sysctl.tcp_congestion_control = bob.tcp.sysctl.tcp_congestion_control = control;
        const { client, server } = pair(20_000);
        const [up, down] = [pattern(1 << 20, 31), pattern(1 << 16, 17)];
        expect(same(transfer(run, client, server, up), up)).toBe(true);
        expect(same(transfer(run, server, client, down), down)).toBe(true);
      });
  }

  test('without SACK, time stamps and window scaling', () => {
    const { alice, pair, run } = twoHosts({ loss: 0.02, jitter: 5 });
    const { sysctl } = alice.tcp;
    sysctl.tcp_sack = sysctl.tcp_timestamps = sysctl.tcp_window_scaling = false;
    const { client, server } = pair(20_000);
    const up = pattern(1 << 18, 31);
    expect(same(transfer(run, client, server, up), up)).toBe(true);
  });
});

test('a good network needs no retransmission, and segments are sent as few large packets', () => {
  const { alice, pair, run } = twoHosts();
  const { client, server } = pair();
  const before = alice.wire.packets;
  const bytes = pattern(4 << 20, 7);
  expect(same(transfer(run, client, server, bytes), bytes)).toBe(true);
  expect(alice.count('TcpRetransSegs')).toBe(0);
  const segments = Math.ceil(bytes.length / 1448);
  expect(alice.wire.packets - before).toBeLessThan(segments / 8);
});

test('the receive buffer grows with what the reader takes in a round trip', () => {
  const { pair, run } = twoHosts({ delay: 25 });
  const { client, server } = pair();
  const before = server.sk.rcvbuf;
  const bytes = pattern(8 << 20, 3);
  transfer(run, client, server, bytes);
  expect(server.sk.rcvbuf).toBeGreaterThan(4 * before);
  expect(client.sk.sndbuf).toBeGreaterThan(1 << 20);
});

describe('closing', () => {
  const settled = (run: (ms: number) => void, ...ends: End[]): number[] => {
    run(100);
    return ends.map((end) => end.state);
  };

  test('the client first', () => {
    const { pair, run, alice, bob } = twoHosts();
    const { client, server } = pair();
    client.close();
    expect(settled(run, server)).toEqual([TCP_CLOSE_WAIT]);
    expect([server.recv(), alice.tcp.timewaits]).toEqual([0, 1]);
    server.close();
    run(100);
    expect([server.state, bob.tcp.timewaits, alice.tcp.timewaits]).toEqual([TCP_CLOSE, 0, 1]);
    run(61_000);
    expect(alice.tcp.timewaits).toBe(0);
    expect([alice.tcp.orphans, bob.tcp.orphans]).toEqual([0, 0]);
  });

  test('both at once: CLOSING, and TIME_WAIT at both', () => {
    const { pair, run, alice, bob } = twoHosts();
    const { client, server } = pair();
    client.close();
    server.close();
    run(100);
    expect([alice.tcp.timewaits, bob.tcp.timewaits]).toEqual([1, 1]);
  });

  test('half: one says no more, the other still speaks', () => {
    const { pair, run } = twoHosts();
    const { client, server } = pair();
    client.send('all');
    client.shutdown(2);
    expect(settled(run, client, server)).toEqual([TCP_FIN_WAIT2, TCP_CLOSE_WAIT]);
    expect([server.text(), server.recv()]).toEqual(['all', 0]);
    server.send('thanks');
    server.close();
    expect(server.state).toBe(TCP_LAST_ACK);
    run(100);
    expect([client.text(), client.recv(), server.state]).toEqual(['thanks', 0, TCP_CLOSE]);
  });

  test('with bytes unsent: they are delivered before FIN', () => {
    const { pair, run } = twoHosts();
    const { client, server } = pair();
    const bytes = pattern(40_000, 5);
    expect(client.send(bytes)).toBe(bytes.length);
    client.close();
    run(2000);
    const n = server.recv();
    expect(server.bytes(n)).toEqual(bytes);
    expect(server.recv()).toBe(0);
  });

  test('with bytes unread: RST', () => {
    const { pair, run, link } = twoHosts();
    const { client, server } = pair();
    client.send('never read');
    run(100);
    server.close();
    run(100);
    expect(link.log.at(-1)!.flags).toContain('R');
    expect(client.state).toBe(TCP_CLOSE);
  });

  test('a peer that never closes: FIN_WAIT2 ends after a minute', () => {
    const { pair, run, alice } = twoHosts();
    const { client } = pair();
    client.close();
    run(100);
    expect([...alice.tcp.hashinfo.ehash]).toHaveLength(1);
    run(70_000);
    expect([...alice.tcp.hashinfo.ehash]).toHaveLength(0);
  });
});

test('two who connect to each other at once have one connection', () => {
  const { alice, bob, run, link } = twoHosts();
  const [a, b] = [alice.open(), bob.open()];
  a.sk.proto.bind(a.sk, 0, 1000);
  b.sk.proto.bind(b.sk, 0, 2000);
  a.connect(BOB, 2000);
  b.connect(ALICE, 1000);
  run(100);
  expect([a.state, b.state]).toEqual([TCP_ESTABLISHED, TCP_ESTABLISHED]);
  expect(link.log.slice(0, 4).map((s) => s.flags)).toEqual(['S', 'S', 'S.', 'S.']);
  a.send('hi');
  run(100);
  expect(b.text()).toBe('hi');
});

test('a full accept queue makes peers wait; with a place free they get in', () => {
  const { alice, bob, run } = twoHosts();
  const listener = bob.open().listen(80, 1);
  for (let i = 0; i < 4; i++) {
    alice.open().connect(BOB, 80);
    run(100);
  }
  expect(bob.count('TcpExtListenOverflows')).toBe(2); // one more than the backlog got in
  let accepted = 0;
  for (let i = 0; i < 40; i++) {
    if (listener.accept() !== null) accepted++;
    run(100);
  }
  expect(accepted).toBe(4);
});

test('SYN cookies: no request is kept, and options survive in the time stamp', () => {
  const { alice, bob, run, link } = twoHosts();
  bob.tcp.sysctl.tcp_syncookies = 2;
  const listener = bob.open().listen(80);
  const client = alice.open();
  client.connect(BOB, 80);
  run(15);
  expect([...bob.tcp.hashinfo.ehash]).toHaveLength(0);
  run(100);
  const server = listener.accept()!;
  expect(bob.count('TcpExtSyncookiesSent')).toBe(1);
  expect(bob.count('TcpExtSyncookiesRecv')).toBe(1);
  expect([server.sk.snd.wscale, server.sk.opt.sackOk !== 0, server.sk.opt.mssClamp]).toEqual([10, true, 1460]);
  client.send('over a cookie');
  run(100);
  expect(server.text()).toBe('over a cookie');
  expect(link.log[1].flags).toBe('S.');
});

test('initial sequence numbers and ports are not foreseeable, and time stamps begin anywhere', () => {
  const { alice, bob, run, link } = twoHosts();
  bob.open().listen(80, 64);
  for (let i = 0; i < 20; i++) alice.open().connect(BOB, 80);
  run(100);
  const syns = link.log.filter((s) => s.flags === 'S');
  expect(new Set(syns.map((s) => s.seq)).size).toBe(20);
  expect(new Set(syns.map((s) => s.sport)).size).toBe(20);
  expect(syns[0].options.timestamps!.value).toBeGreaterThan(1000);
});
