import { EADDRINUSE, EADDRNOTAVAIL } from '@stack/plugin';
import { describe, expect, test } from 'vitest';
import {
  inetCskGetPort,
  inetHashConnect,
  inetPutPort,
  inetUnhash,
  TCP_LISTEN,
  TCP_TIME_WAIT,
  type InetHashinfo,
  type Timewaits,
} from '../src/index.ts';
import { connection, hashinfo, SmallSock } from './small-sock.ts';

const never: Timewaits = { unique: () => false, deschedule: () => {} };

const bound = (info: InetHashinfo, address: number, port: number, change: Partial<SmallSock> = {}): number => {
  const sk = new SmallSock().set({ rcvSaddr: address, ...change });
  return inetCskGetPort(info, sk, port);
};

describe('bind', () => {
  test.each([
    ['the same address', { rcvSaddr: 1 }, { rcvSaddr: 1 }, false],
    ['different addresses', { rcvSaddr: 1 }, { rcvSaddr: 2 }, true],
    ['the wildcard and an address', { rcvSaddr: 0 }, { rcvSaddr: 2 }, false],
    ['different devices', { boundDevIf: 1 }, { boundDevIf: 2 }, true],
    ['a device and none', { boundDevIf: 1 }, {}, false],
    ['one says SO_REUSEADDR', { reuse: true }, {}, false],
    ['both say SO_REUSEADDR', { reuse: true }, { reuse: true }, true],
    ['both say SO_REUSEADDR, but the first listens', { reuse: true, state: TCP_LISTEN }, { reuse: true }, false],
    ['both say SO_REUSEADDR, the first is in TIME_WAIT', { reuse: true, state: TCP_TIME_WAIT }, { reuse: true }, true],
    ['one says SO_REUSEPORT', {}, { reuseport: true }, false],
    ['both say SO_REUSEPORT, even listening', { reuseport: true, state: TCP_LISTEN }, { reuseport: true }, true],
  ])('%s', (_, first, second, allowed) => {
    const info = hashinfo();
    const one = new SmallSock().set({ ...first, state: 7 });
    expect(inetCskGetPort(info, one, 80)).toBe(0);
    one.set(first);
    const two = new SmallSock().set(second);
    expect(inetCskGetPort(info, two, 80)).toBe(allowed ? 0 : -EADDRINUSE);
  });

  test('the port is free again when its last holder lets go', () => {
    const info = hashinfo();
    const sk = new SmallSock();
    inetCskGetPort(info, sk, 80);
    expect(bound(info, 0, 80)).toBe(-EADDRINUSE);
    inetPutPort(info, sk);
    expect(info.bhash.size).toBe(0);
    expect(bound(info, 0, 80)).toBe(0);
  });

  test('a chosen port is in the range, differs with the seed, and is never shared', () => {
    const info = hashinfo();
    info.net.localPortLow = 40_000;
    info.net.localPortHigh = 40_009;
    info.net.reservedPorts.add(40_004);
    const ports = new Set<number>();
    for (let i = 0; i < 9; i++) {
      const sk = new SmallSock();
      sk.change({ reuse: true, reuseport: true });
      expect(inetCskGetPort(info, sk, 0)).toBe(0);
      ports.add(sk.boundPort);
    }
    expect([...ports].sort()).toEqual([40000, 40001, 40002, 40003, 40005, 40006, 40007, 40008, 40009]);
    expect(bound(info, 0, 0)).toBe(-EADDRINUSE);
    const first = (seed: number): number => {
      const sk = new SmallSock();
      inetCskGetPort(hashinfo(seed), sk, 0);
      return sk.boundPort;
    };
    expect(first(1)).not.toBe(first(2));
    expect(first(1) % 2).toBe(1);
  });
});

describe('connect', () => {
  const to = (daddr: number, dport: number): SmallSock => connection(daddr, dport, 9, 0);

  test('connections to different peers may share a port; the same peer gets different ones', () => {
    const info = hashinfo();
    info.net.localPortLow = 40_000;
    info.net.localPortHigh = 40_001;
    const sks = [to(1, 80), to(1, 80), to(2, 80), to(2, 80)];
    for (const sk of sks) expect(inetHashConnect(info, sk, never)).toBe(0);
    expect(sks[0].boundPort).not.toBe(sks[1].boundPort);
    expect(sks[2].boundPort).not.toBe(sks[3].boundPort);
    expect(info.bhash.size).toBe(2);
    expect(inetHashConnect(info, to(1, 80), never)).toBe(-EADDRNOTAVAIL);
    for (const sk of sks) {
      inetUnhash(info, sk, false);
      inetPutPort(info, sk);
    }
    expect([info.bhash.size, info.ehash.size]).toEqual([0, 0]);
  });

  test('a port that was bound is left alone', () => {
    const info = hashinfo();
    info.net.localPortLow = 40_000;
    info.net.localPortHigh = 40_001;
    expect(bound(info, 0, 40_000, { reuse: true })).toBe(0);
    const sk = to(1, 80);
    expect(inetHashConnect(info, sk, never)).toBe(0);
    expect(sk.boundPort).toBe(40_001);
    expect(inetHashConnect(info, to(2, 80), never)).toBe(0);
  });

  test('chosen ports are even while there are any', () => {
    const info = hashinfo();
    for (let i = 0; i < 50; i++) {
      const sk = to(1, 80);
      inetHashConnect(info, sk, never);
      expect(sk.boundPort % 2).toBe(0);
    }
  });

  test('one in TIME_WAIT gives way if TCP says so', () => {
    const info = hashinfo();
    const old = to(1, 80);
    inetCskGetPort(info, old, 5000);
    inetHashConnect(info, old, never);
    old.state = TCP_TIME_WAIT;
    const sk = to(1, 80);
    for (const one of [old, sk]) one.change({ reuse: true });
    expect(inetCskGetPort(info, sk, 5000)).toBe(0);
    expect(inetHashConnect(info, sk, never)).toBe(-EADDRNOTAVAIL);
    const ended: unknown[] = [];
    expect(inetHashConnect(info, sk, { unique: () => true, deschedule: (tw) => ended.push(tw) })).toBe(0);
    expect(ended).toEqual([old]);
    expect(info.ehash.size).toBe(1);
  });
});
