import { lockSock, releaseSock, TCP_CLOSE, TCP_ESTABLISHED, TCP_TIME_WAIT } from '@stack/sock';
import { describe, expect, test } from 'vitest';
import { ALICE, BOB, byHand, SYN_OPTIONS, twoHosts, type End } from './ends.ts';

const inTimeWait = (host: { tcp: { hashinfo: { ehash: Iterable<{ state: number }> } } }): number =>
  [...host.tcp.hashinfo.ehash].filter((sk) => sk.state === TCP_TIME_WAIT).length;

describe('what comes before the state machine', () => {
  test('segments that came from too far away are dropped', () => {
    const { alice, peer, accepted } = byHand();
    const { server } = accepted();
    server.sk.change({ minTtl: 64 });
    peer.say({ seq: 1, payload: 5 });
    expect(server.recv()).toBe(5);
    server.sk.change({ minTtl: 65 });
    peer.say({ seq: 6, payload: 5 });
    expect(server.recv()).toBeLessThan(0);
    expect(alice.count('TcpExtTCPMinTTLDrop')).toBe(1);
  });

  test('the socket\u2019s filter sees whole segments, and may cut data but no header', () => {
    const { peer, accepted } = byHand();
    const { server } = accepted();
    const seen: number[] = [];
    server.sk.change({ filter: (skb) => (seen.push(skb.len), seen.length === 1 ? 0 : 22) });
    peer.say({ seq: 1, payload: 5 });
    expect(server.recv()).toBeLessThan(0);
    peer.say({ seq: 1, payload: 5 });
    expect([server.recv(), seen]).toEqual([2, [25, 25]]);
  });

  test('the policy of the host has the last word', () => {
    const { alice, peer } = byHand();
    const listener = alice.open().listen(80);
    alice.tcp.policyCheck = (sk, skb) => sk === listener.sk && skb.len > 40;
    peer.say({ flags: 'S', seq: 0, options: { mss: 1460 } });
    expect(peer.take()).toHaveLength(0);
    peer.say({ flags: 'S', seq: 0, options: { ...SYN_OPTIONS, timestamps: { value: 1, echo: 0 } } });
    expect(peer.take()).toHaveLength(0);
    alice.tcp.policyCheck = null;
    peer.say({ flags: 'S', seq: 0, options: { mss: 1460 } });
    expect(peer.take()).toHaveLength(1);
  });

  test('the backlog holds twice the receive buffer, half the send buffer, and 64 KB', () => {
    const { alice, peer, accepted } = byHand();
    const { server } = accepted();
    const { sk } = server;
    const limit = 2 * sk.rcvbuf + (sk.sndbuf >> 1) + 65_536;
    lockSock(sk);
    let at = 1;
    let one = 0;
    while (alice.count('TcpExtTCPBacklogDrop') === 0) {
      peer.say({ seq: at, payload: 1000 });
      one ||= sk.backlogLen;
      at += 1000;
    }
    expect(sk.backlogLen).toBeGreaterThan(limit);
    expect(sk.backlogLen).toBeLessThanOrEqual(limit + one);
    releaseSock(sk);
    expect(sk.backlogLen).toBe(0);
    server.close();
    peer.take();
  });
});

test('no more than tcp_max_orphans finish without a user; the others are reset', () => {
  const { alice, peer } = byHand();
  alice.tcp.sysctl.tcp_max_orphans = 2;
  const listener = alice.open().listen(80);
  const ends: End[] = [];
  for (let i = 0; i < 4; i++) {
    peer.sport++;
    peer.say({ flags: 'S', seq: 0, options: SYN_OPTIONS });
    peer.theirs = peer.take()[0].seq;
    peer.say({ flags: '.' });
    ends.push(listener.accept()!);
  }
  for (const end of ends) end.close();
  expect(peer.take().map((s) => s.flags)).toEqual(['F.', 'F.', 'F.', 'R.', 'F.', 'R.']);
  expect(alice.tcp.orphans).toBe(2);
  expect(alice.count('TcpExtTCPAbortOnMemory')).toBe(2);
});

test('no more than tcp_max_tw_buckets wait in TIME_WAIT', () => {
  const lab = twoHosts();
  lab.alice.tcp.sysctl.tcp_max_tw_buckets = 3;
  const listener = lab.bob.open().listen(80);
  for (let i = 0; i < 5; i++) {
    const client = lab.alice.open();
    client.connect(BOB, 80);
    lab.run(100);
    const server = listener.accept()!;
    client.close();
    lab.run(100);
    server.close();
    lab.run(100);
  }
  expect([inTimeWait(lab.alice), lab.alice.count('TcpExtTCPTimeWaitOverflow')]).toEqual([3, 2]);
  listener.close();
  lab.run(70_000);
  expect(inTimeWait(lab.alice)).toBe(0);
});

describe('reuse of TIME_WAIT', () => {
  /** A connection that alice closed first; then another from the same port, which is asked for or the only one there is. */
  const again = (reuse: number, delay: number, named = false) => {
    const lab = twoHosts();
    lab.alice.tcp.sysctl.tcp_tw_reuse = reuse;
    Object.assign(lab.alice.tcp.net, { localPortLow: 5555, localPortHigh: 5555 });
    const listener = lab.bob.open().listen(80);
    const connect = (): End => {
      const client = lab.alice.open();
      client.sk.change({ reuse: true });
      if (named) client.sk.proto.bind(client.sk, ALICE, 5555);
      client.connect(BOB, 80);
      return client;
    };
    const first = connect();
    lab.run(100);
    const server = listener.accept()!;
    first.close();
    lab.run(100);
    server.close();
    lab.run(delay);
    expect(inTimeWait(lab.alice)).toBe(1);
    const second = connect();
    lab.run(100);
    const state = second.state;
    const recycled = lab.alice.count('TcpExtTWRecycled');
    listener.accept()?.close();
    second.close();
    listener.close();
    lab.run(130_000);
    return [state, recycled];
  };

  test('by time stamps, after a second', () => {
    expect(again(1, 1500)).toEqual([TCP_ESTABLISHED, 1]);
    expect(again(1, 500)[0]).toBe(TCP_CLOSE);
  });

  test('at once for a port that was asked for', () => {
    expect(again(0, 10, true)).toEqual([TCP_ESTABLISHED, 1]);
  });

  test('not beyond this host unless told so', () => {
    expect(again(2, 1500)[0]).toBe(TCP_CLOSE);
    expect(again(0, 1500)[0]).toBe(TCP_CLOSE);
  });
});

test('without cookies, the last quarter of the requests is for known peers', () => {
  const { alice, peer } = byHand();
  Object.assign(alice.tcp.sysctl, { tcp_syncookies: 0, tcp_max_syn_backlog: 8 });
  alice.open().listen(80);
  const syn = (): number => {
    peer.sport++;
    peer.say({ flags: 'S', seq: 0, options: SYN_OPTIONS });
    return peer.take().length;
  };
  expect(Array.from({ length: 8 }, syn)).toEqual([1, 1, 1, 1, 1, 1, 1, 0]);
  alice.tcp.metrics.make(ALICE, BOB, alice.tcp.jiffies).rtt = 1000;
  expect(syn()).toBe(1);
});
