import { EPOLLOUT } from '@stack/sock';
import { describe, expect, test } from 'vitest';
import { TCP_INFO, TCP_NODELAY, tcpGetInfo, TcpMib, type TcpInfo } from '../src/index.ts';
import { byHand, twoHosts, type End } from './ends.ts';

const infoOf = (end: End): TcpInfo => tcpGetInfo(end.sk);
const view = (end: End): DataView => {
  const bytes = end.sk.proto.getsockopt(end.sk, 6, TCP_INFO) as Uint8Array;
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
};

test('the structure has the size and the places of Linux 6.18', () => {
  const { peer, run, accepted } = byHand();
  const { server } = accepted();
  server.send(3000);
  run(20);
  peer.say({ ack: 3001, payload: 100 });
  run(50);
  const info = infoOf(server);
  const at = view(server);
  expect(at.byteLength).toBe(280);
  const u32 = (offset: number): number => at.getUint32(offset, true);
  const u64 = (offset: number): number => Number(at.getBigUint64(offset, true));
  expect([at.getUint8(0), at.getUint8(5), at.getUint8(6)]).toEqual([1, 2 | 4, (info.rcvWscale << 4) | 7]);
  expect([u32(8), u32(16), u32(20), u32(24)]).toEqual([info.rto, 1460, info.rcvMss, 0]);
  expect([u32(44), u32(52), u32(56)]).toEqual([70, 50, 50]);
  expect([u32(60), u32(68), u32(80), u32(88)]).toEqual([1500, info.rtt, info.sndCwnd, info.reordering]);
  expect([u64(104), at.getBigUint64(112, true)]).toEqual([info.pacingRate, 2n ** 64n - 1n]);
  expect([u64(120), u64(128), u32(136), u32(140)]).toEqual([3000, 100, info.segsOut, 3]);
  expect([u32(148), u32(152), u32(156), u64(160)]).toEqual([info.minRtt, 1, 3, info.deliveryRate]);
  expect([u64(168), u32(192), u64(200), u32(228)]).toEqual([20_000, 4, 3000, info.sndWnd]);
});

test('a new socket: nothing measured, nothing limited, and asking makes no state', () => {
  const { alice } = byHand();
  const end = alice.open();
  const { sk } = end;
  const at = view(end);
  expect([sk.lossSeen.rate.chrono, sk.disorder, sk.ecn, sk.pacing]).toEqual([0, null, null, null]);
  expect([at.getUint8(7), at.getUint32(148, true)]).toEqual([1, 0xffffffff]);
  expect([at.getBigUint64(104, true), at.getBigUint64(160, true)]).toEqual([2n ** 64n - 1n, 0n]);
});

test('a listener tells its queue and backlog', () => {
  const { accepted, alice, peer } = byHand();
  accepted();
  const listener = alice.open().listen(81, 5);
  peer.dport = 81;
  peer.say({ flags: 'S', seq: 0, options: { mss: 1460 } });
  peer.theirs = peer.take()[0].seq;
  peer.say({});
  expect(infoOf(listener)).toMatchObject({ state: 10, unacked: 1, sacked: 5 });
});

describe('what the sender waits for', () => {
  test('the network: busy', () => {
    const { peer, run, accepted } = byHand();
    const { server } = accepted();
    server.send(1000);
    run(30);
    expect(infoOf(server)).toMatchObject({ busyTime: 30_000, rwndLimited: 0, sndbufLimited: 0 });
    peer.say({ ack: 1001 });
    run(500);
    expect(infoOf(server).busyTime).toBe(30_000);
  });

  test("the peer's window", () => {
    const { peer, run, accepted } = byHand();
    const { server } = accepted();
    server.option(TCP_NODELAY, 1);
    peer.say({ payload: 1 });
    peer.say({ seq: 2, win: 12 }); // 1536 bytes: one segment
    server.send(5000);
    run(100);
    peer.say({ seq: 2, ack: 1461, win: 0 });
    run(50);
    expect(infoOf(server)).toMatchObject({ busyTime: 150_000, rwndLimited: 150_000 });
    peer.say({ seq: 2, ack: 1461, win: 1000 });
    run(10);
    peer.say({ seq: 2, ack: 5001, win: 1000 });
    run(100);
    expect(infoOf(server)).toMatchObject({ busyTime: 160_000, rwndLimited: 150_000, sndbufLimited: 0 });
  });

  test('room in the send buffer', () => {
    const { peer, run, accepted } = byHand();
    const { server } = accepted();
    server.sk.sndbuf = 8000;
    server.sk.userlocks |= 1;
    server.sk.cc.ssthresh = 5; // in slow start it is the window that counts
    server.send(20_000);
    expect(server.poll() & EPOLLOUT).toBe(0);
    run(10);
    peer.say({ ack: 10 * 1460 + 1 }); // all is sent now, and the writer still waits
    run(40);
    expect(infoOf(server)).toMatchObject({ busyTime: 50_000, rwndLimited: 0, sndbufLimited: 40_000 });
    peer.say({ ack: 20_001 });
    run(100);
    expect(infoOf(server)).toMatchObject({ busyTime: 50_000, sndbufLimited: 40_000 });
  });
});

test('time-outs: how many, in how many series, and how long they took', () => {
  const { peer, run, accepted } = byHand();
  const { server } = accepted();
  server.send(100);
  run(2000);
  const during = infoOf(server);
  expect(during.totalRto).toBeGreaterThan(1);
  expect(during.totalRtoRecoveries).toBe(1);
  peer.say({ ack: 101 });
  const after = infoOf(server);
  expect(after.totalRtoTime).toBe(during.totalRtoTime);
  run(1000);
  expect(infoOf(server).totalRtoTime).toBe(after.totalRtoTime);
  server.send(100);
  run(10_000);
  expect(infoOf(server).totalRtoRecoveries).toBe(2);
});

test('out of order, sent twice, seen twice', () => {
  const { peer, run, accepted } = byHand();
  const { server } = accepted();
  peer.say({ seq: 2001, payload: 100 });
  peer.say({ seq: 3001, payload: 100 });
  server.send(100);
  run(1000);
  const [start, sack] = [1, [[1, 101]] as [number, number][]];
  peer.say({ seq: start, ack: 101, options: { sack } });
  expect(infoOf(server)).toMatchObject({ rcvOooPack: 2, dsackDups: 1, bytesSent: expect.any(Number) });
  expect(infoOf(server).bytesRetrans).toBeGreaterThan(0);
});

test('marks and AccECN counters', () => {
  const { alice, bob, link, pair, run } = twoHosts();
  alice.tcp.sysctl.tcp_ecn = bob.tcp.sysctl.tcp_ecn = 3;
  const { client, server } = pair();
  link.mark = (s, from) => (from === alice.wire && s.payload.length > 0 ? 3 : s.ecn);
  client.send(1000);
  run(100);
  const at = view(client);
  expect(at.getUint8(5) & 24).toBe(24);
  expect([196, 248, 252, 256, 260].map((offset) => at.getUint32(offset, true))).toEqual([1, 0, 0, 0, 1000]);
  expect(infoOf(server)).toMatchObject({ receivedCe: 1, receivedCeBytes: 1000, receivedE0Bytes: 0, accecnOptSeen: 2 });
});

test("counters have Linux's names, in its order", () => {
  const names = Object.keys(new TcpMib().snapshot());
  expect(names.slice(0, 3)).toEqual(['TcpActiveOpens', 'TcpPassiveOpens', 'TcpAttemptFails']);
  const ext = names.filter((name) => name.startsWith('TcpExt'));
  expect([ext[0], ext.at(-1), ext.length]).toEqual(['TcpExtSyncookiesSent', 'TcpExtTCPAODroppedIcmps', 135]);
  expect(ext.indexOf('TcpExtTCPDeliveredCE')).toBe(ext.indexOf('TcpExtTCPDelivered') + 1);
});
