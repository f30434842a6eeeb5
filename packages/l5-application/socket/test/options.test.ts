import {
  EDOM,
  EINVAL,
  ENODEV,
  ENOENT,
  ENOPROTOOPT,
  ENOTCONN,
  EOPNOTSUPP,
  ECONNREFUSED,
  EHOSTUNREACH,
} from '@stack/plugin';
import { SOCK_STREAM, sockQueueErr, TCP_LISTEN } from '@stack/sock';
import { expect, test } from 'vitest';
import * as s from '../src/index.ts';
import { puppetHost } from './puppet.ts';

function socket() {
  const { calls, made } = puppetHost();
  const file = calls.create(SOCK_STREAM);
  const set = (name: number, value: number | Uint8Array): number => file.setOption(s.SOL_SOCKET, name, value);
  const get = (name: number): number | Uint8Array => file.getOption(s.SOL_SOCKET, name);
  const setIp = (name: number, value: number | Uint8Array): number => file.setOption(s.SOL_IP, name, value);
  const getIp = (name: number): number | Uint8Array => file.getOption(s.SOL_IP, name);
  return { file, sk: made[0], set, get, setIp, getIp };
}

test.each([s.SO_REUSEADDR, s.SO_REUSEPORT, s.SO_BROADCAST, s.SO_KEEPALIVE, s.SO_OOBINLINE])('switch %i', (name) => {
  const { set, get } = socket();
  expect([get(name), set(name, 7), get(name), set(name, 0), get(name)]).toEqual([0, 0, 1, 0, 0]);
});

test('what a socket is', () => {
  const { sk, get, set } = socket();
  expect([get(s.SO_TYPE), get(s.SO_PROTOCOL), get(s.SO_DOMAIN), get(s.SO_ACCEPTCONN)]).toEqual([1, 253, 2, 0]);
  sk.state = TCP_LISTEN;
  expect(get(s.SO_ACCEPTCONN)).toBe(1);
  expect(set(s.SO_TYPE, 1)).toBe(-ENOPROTOOPT);
});

test('buffers are doubled and clamped', () => {
  const { set, get } = socket();
  set(s.SO_RCVBUF, 50_000);
  set(s.SO_SNDBUF, 10_000_000);
  expect([get(s.SO_RCVBUF), get(s.SO_SNDBUF)]).toEqual([100_000, 8_388_608]);
  set(s.SO_SNDBUFFORCE, 10_000_000);
  set(s.SO_RCVBUFFORCE, -5);
  expect([get(s.SO_RCVBUF), get(s.SO_SNDBUF)]).toEqual([2_304, 20_000_000]);
});

test('SO_ERROR is given once, the soft error when there is no other', () => {
  const { sk, get } = socket();
  sk.err = ECONNREFUSED;
  sk.errSoft = EHOSTUNREACH;
  expect([get(s.SO_ERROR), get(s.SO_ERROR), get(s.SO_ERROR)]).toEqual([ECONNREFUSED, EHOSTUNREACH, 0]);
});

test('linger is a structure', () => {
  const { sk, set, get } = socket();
  expect(get(s.SO_LINGER)).toEqual(new Uint8Array(8));
  set(s.SO_LINGER, Uint8Array.of(1, 0, 0, 0, 5, 0, 0, 0));
  expect([sk.settings.linger, get(s.SO_LINGER)]).toEqual([5, Uint8Array.of(1, 0, 0, 0, 5, 0, 0, 0)]);
  set(s.SO_LINGER, Uint8Array.of(0, 0, 0, 0, 5, 0, 0, 0));
  expect(sk.settings.linger).toBe(-1);
  expect([set(s.SO_LINGER, new Uint8Array(4)), set(s.SO_LINGER, 5)]).toEqual([-EINVAL, -EINVAL]);
});

test('how long a call may wait, as seconds and microseconds', () => {
  const { sk, set, get } = socket();
  const timeval = (sec: number, usec: number): Uint8Array =>
    new Uint8Array(BigInt64Array.of(BigInt(sec), BigInt(usec)).buffer);
  expect(set(s.SO_RCVTIMEO, timeval(1, 500_001))).toBe(0);
  expect([sk.settings.receiveTimeout, sk.settings.sendTimeout]).toEqual([1501, Infinity]);
  expect(get(s.SO_RCVTIMEO)).toEqual(timeval(1, 501_000));
  expect([set(s.SO_SNDTIMEO, timeval(0, -1)), set(s.SO_SNDTIMEO, 5)]).toEqual([-EDOM, -EINVAL]);
  expect(set(s.SO_RCVTIMEO, timeval(0, 0))).toBe(0);
  expect([sk.settings.receiveTimeout, get(s.SO_RCVTIMEO)]).toEqual([Infinity, timeval(0, 0)]);
});

test('what says how a machine works is remembered', () => {
  const { set, get } = socket();
  expect([get(s.SO_INCOMING_CPU), set(s.SO_INCOMING_CPU, 3), get(s.SO_INCOMING_CPU)]).toEqual([-1, 0, 3]);
  expect([get(s.SO_TXREHASH), get(s.SO_SNDLOWAT), set(s.SO_SNDLOWAT, 1)]).toEqual([1, 1, -ENOPROTOOPT]);
});

test('switches are 1 or 0, numbers have bounds', () => {
  const { set, get } = socket();
  expect([set(s.SO_DONTROUTE, 5), get(s.SO_DONTROUTE)]).toEqual([0, 1]);
  expect([set(s.SO_BUSY_POLL, -1), set(s.SO_BUSY_POLL_BUDGET, 65_536), set(s.SO_TXREHASH, 2)]).toEqual([
    -EINVAL,
    -EINVAL,
    -EINVAL,
  ]);
});

test('which time stamps come with what is read: one kind or the other', () => {
  const { sk, set, get } = socket();
  expect([set(s.SO_TIMESTAMP, 1), get(s.SO_TIMESTAMP), get(s.SO_TIMESTAMPNS)]).toEqual([0, 1, 0]);
  expect([set(s.SO_TIMESTAMPNS, 1), get(s.SO_TIMESTAMP), get(s.SO_TIMESTAMPNS)]).toEqual([0, 0, 1]);
  set(s.SO_TIMESTAMPNS, 0);
  expect(sk.settings.rxStamp).toBe(0);
});

test('locks of buffers, departure times', () => {
  const { sk, set, get } = socket();
  set(s.SO_RCVBUF, 50_000);
  expect([get(s.SO_BUF_LOCK), set(s.SO_BUF_LOCK, 4), set(s.SO_BUF_LOCK, 1), get(s.SO_BUF_LOCK)]).toEqual([
    2,
    -EINVAL,
    0,
    1,
  ]);
  expect([set(s.SO_TXTIME, 1), set(s.SO_TXTIME, Uint8Array.of(1, 0, 0, 0, 4, 0, 0, 0))]).toEqual([-EINVAL, -EINVAL]);
  expect(set(s.SO_TXTIME, Uint8Array.of(1, 0, 0, 0, 2, 0, 0, 0))).toBe(0);
  expect([sk.settings.txtime, get(s.SO_TXTIME)]).toEqual([[1, 2], Uint8Array.of(1, 0, 0, 0, 2, 0, 0, 0)]);
});

test('IP: addresses and ports to bind, in one byte as well', () => {
  const { sk, setIp, getIp } = socket();
  expect([setIp(s.IP_FREEBIND, Uint8Array.of(1)), getIp(s.IP_FREEBIND), getIp(s.IP_TRANSPARENT)]).toEqual([0, 1, 0]);
  expect([setIp(s.IP_BIND_ADDRESS_NO_PORT, 1), getIp(s.IP_BIND_ADDRESS_NO_PORT)]).toEqual([0, 1]);
  expect(setIp(s.IP_LOCAL_PORT_RANGE, (100 << 16) | 200)).toBe(-EINVAL);
  expect([setIp(s.IP_LOCAL_PORT_RANGE, (200 << 16) | 100), sk.settings.portLow, sk.settings.portHigh]).toEqual([
    0, 100, 200,
  ]);
  expect([setIp(s.IP_PKTINFO, 1), getIp(s.IP_PKTINFO), getIp(s.IP_RECVORIGDSTADDR)]).toEqual([0, 1, 0]);
});

test('IP: no byte at all says 0, where there may be none; options of the header have lengths that hold', () => {
  const { sk, setIp, getIp } = socket();
  const none = new Uint8Array(0);
  setIp(s.IP_TOS, 0x10);
  expect([setIp(s.IP_TOS, none), getIp(s.IP_TOS)]).toEqual([0, 0]);
  expect([s.IP_TTL, s.IP_MINTTL, s.IP_FREEBIND, s.IP_LOCAL_PORT_RANGE].map((name) => setIp(name, none))).toEqual(
    Array(4).fill(-EINVAL),
  );
  expect(setIp(s.IP_LOCAL_PORT_RANGE, new Uint8Array(8))).toBe(-EINVAL);
  for (const wrong of [[148, 1], [1, 148, 5, 0, 0], [148]])
    expect(setIp(s.IP_OPTIONS, Uint8Array.from(wrong))).toBe(-EINVAL);
  expect([setIp(s.IP_OPTIONS, Uint8Array.of(1, 148, 4, 0, 0)), sk.settings.ipOptions?.length]).toEqual([0, 8]);
});

test('devices by name and by number', () => {
  const { sk, set, get } = socket();
  const name = (text: string): Uint8Array => new TextEncoder().encode(text);
  expect(set(s.SO_BINDTODEVICE, name('eth0\0'))).toBe(0);
  expect([sk.boundDevIf, get(s.SO_BINDTODEVICE)]).toEqual([2, name('eth0')]);
  expect(set(s.SO_BINDTODEVICE, name(''))).toBe(0);
  expect(sk.boundDevIf).toBe(0);
  expect([set(s.SO_BINDTODEVICE, name('eth9')), set(s.SO_BINDTOIFINDEX, -1)]).toEqual([-ENODEV, -EINVAL]);
  expect([set(s.SO_BINDTOIFINDEX, 9), get(s.SO_BINDTOIFINDEX), get(s.SO_BINDTODEVICE)]).toEqual([0, 9, name('')]);
});

test('filters', () => {
  const { file, sk, set } = socket();
  const filter = (): number => 1;
  expect(set(s.SO_DETACH_FILTER, 0)).toBe(-ENOENT);
  expect(file.setOption(s.SOL_SOCKET, s.SO_ATTACH_FILTER, filter)).toBe(0);
  expect(sk.settings.filter).toBe(filter);
  expect(file.setOption(s.SOL_SOCKET, s.SO_MARK, filter)).toBe(-EINVAL);
  set(s.SO_DETACH_FILTER, 0);
  expect(sk.settings.filter).toBeNull();
});

test('priority, mark, low-water mark', () => {
  const { sk, set, get } = socket();
  set(s.SO_PRIORITY, 3);
  set(s.SO_MARK, 0xffffffff);
  expect([get(s.SO_PRIORITY), sk.settings.mark, get(s.SO_MARK)]).toEqual([3, -1, 0xffffffff]);
  set(s.SO_RCVLOWAT, 100);
  expect(get(s.SO_RCVLOWAT)).toBe(100);
  set(s.SO_RCVLOWAT, 0);
  expect(get(s.SO_RCVLOWAT)).toBe(1);
});

test('values as bytes of an int', () => {
  const { set, get } = socket();
  expect(set(s.SO_PRIORITY, Uint8Array.of(2, 0, 0, 0))).toBe(0);
  expect(get(s.SO_PRIORITY)).toBe(2);
  expect([set(s.SO_PRIORITY, new Uint8Array(2)), set(s.SO_PRIORITY, 1.5)]).toEqual([-EINVAL, -EINVAL]);
});

test('IP: TTL, least TTL, path MTU discovery', () => {
  const { sk, setIp, getIp } = socket();
  expect([getIp(s.IP_TTL), setIp(s.IP_TTL, 9), getIp(s.IP_TTL), setIp(s.IP_TTL, 0), setIp(s.IP_TTL, 256)]).toEqual([
    64,
    0,
    9,
    -EINVAL,
    -EINVAL,
  ]);
  setIp(s.IP_TTL, -1);
  expect(sk.settings.ttl).toBe(-1);
  expect([setIp(s.IP_MINTTL, 255), getIp(s.IP_MINTTL), setIp(s.IP_MINTTL, 256)]).toEqual([0, 255, -EINVAL]);
  expect([setIp(s.IP_MTU_DISCOVER, 2), getIp(s.IP_MTU_DISCOVER), setIp(s.IP_MTU_DISCOVER, 9)]).toEqual([0, 2, -EINVAL]);
  expect(getIp(s.IP_MTU)).toBe(-ENOTCONN);
});

test('IP: TOS sets the priority, and leaves the ECN bits of a stream to TCP', () => {
  const { sk, setIp } = socket();
  sk.change({ tos: 2 });
  setIp(s.IP_TOS, 0x10 | 1);
  expect([sk.settings.tos, sk.settings.priority]).toEqual([0x12, 6]);
  setIp(s.IP_TOS, 0x08);
  expect([sk.settings.tos, sk.settings.priority]).toEqual([0x0a, 2]);
});

test('IP: options are padded, ancillary data switched', () => {
  const { sk, setIp, getIp } = socket();
  expect(setIp(s.IP_OPTIONS, Uint8Array.of(1, 1, 1))).toBe(0);
  expect(getIp(s.IP_OPTIONS)).toEqual(Uint8Array.of(1, 1, 1, 0));
  expect(setIp(s.IP_OPTIONS, new Uint8Array(41))).toBe(-EINVAL);
  setIp(s.IP_OPTIONS, new Uint8Array(0));
  expect(sk.settings.ipOptions).toBeNull();
  setIp(s.IP_RECVTTL, 1);
  setIp(s.IP_RECVTOS, 1);
  setIp(s.IP_RECVTTL, 0);
  expect([getIp(s.IP_RECVTTL), getIp(s.IP_RECVTOS)]).toEqual([0, 1]);
});

test('time stamps are numbered, and told with connection statistics, only together with what that needs', () => {
  const { set, get } = socket();
  const [id, only, statistics, idOfTcp] = [1 << 7, 1 << 11, 1 << 12, 1 << 16];
  expect([idOfTcp, statistics, 1 << 25].map((flags) => set(s.SO_TIMESTAMPING, flags))).toEqual(Array(3).fill(-EINVAL));
  expect(get(s.SO_TIMESTAMPING)).toBe(0);
  for (const flags of [id | idOfTcp, statistics | only, 0])
    expect([set(s.SO_TIMESTAMPING, flags), get(s.SO_TIMESTAMPING)]).toEqual([0, flags]);
});

test('SO_ZEROCOPY is for TCP and UDP', () => {
  const { set, get } = socket();
  expect([set(s.SO_ZEROCOPY, 1), get(s.SO_ZEROCOPY)]).toEqual([-EOPNOTSUPP, 0]);
});

test('what nobody here knows goes to the protocol', () => {
  const { file, sk, setIp } = socket();
  expect([file.setOption(6, 1, 1), setIp(33, 4), file.getOption(6, 1)]).toEqual([
    -ENOPROTOOPT,
    -ENOPROTOOPT,
    -ENOPROTOOPT,
  ]);
  expect(sk.calls).toEqual(['setsockopt 6 1 1', 'setsockopt 0 33 4']);
});

test('SO_MEMINFO', () => {
  const { sk, get } = socket();
  Object.assign(sk, { rmemAlloc: 1, wmemAlloc: 3, drops: 7 });
  const numbers = new Int32Array((get(s.SO_MEMINFO) as Uint8Array).slice().buffer);
  expect([...numbers]).toEqual([1, 10_000, 2, 20_000, 0, 0, 0, 0, 7]);
});

test('IP_RECVERR, and what it throws away when it is switched off', () => {
  const { sk, setIp, getIp } = socket();
  expect([getIp(s.IP_RECVERR), setIp(s.IP_RECVERR, 1), getIp(s.IP_RECVERR)]).toEqual([0, 0, 1]);
  sockQueueErr(sk, { errno: ECONNREFUSED });
  setIp(s.IP_RECVERR, 0);
  expect(sk.errors!.entries).toHaveLength(0);
});
