import { describe, expect, test } from 'vitest';
import {
  HashTable,
  inetEhashfn,
  inetEhashInsert,
  inetLookup,
  inetLookupEstablished,
  inetLookupListener,
  inetListenInsert,
  inetUnhash,
  TCP_LISTEN,
  type SockCommon,
} from '../src/index.ts';
import { connection, hashinfo, SmallSock } from './small-sock.ts';

describe('the table of connections', () => {
  test('finds each of 10,000 connections after it has grown, and none that was taken out', () => {
    const info = hashinfo();
    const sks = Array.from({ length: 10_000 }, (_, i) => connection(0x0a000000 + (i >> 4), 1000 + i, 0x0a0000fe, 80));
    for (const sk of sks) inetEhashInsert(info, sk);
    expect(info.ehash.size).toBe(10_000);
    for (const sk of sks) expect(inetLookupEstablished(info, sk.daddr, sk.dport, sk.rcvSaddr, 80, 1)).toBe(sk);
    for (const sk of sks.filter((_, i) => i % 2 === 0)) inetUnhash(info, sk, false);
    expect(info.ehash.size).toBe(5_000);
    sks.forEach((sk, i) => {
      expect(inetLookupEstablished(info, sk.daddr, sk.dport, sk.rcvSaddr, 80, 1)).toBe(i % 2 === 0 ? null : sk);
    });
    expect([...info.ehash]).toHaveLength(5_000);
  });

  test('a socket bound to a device is found by packets of that device only', () => {
    const info = hashinfo();
    const sk = connection(1, 2, 3, 4);
    sk.boundDevIf = 9;
    inetEhashInsert(info, sk);
    expect(inetLookupEstablished(info, 1, 2, 3, 4, 9)).toBe(sk);
    expect(inetLookupEstablished(info, 1, 2, 3, 4, 8)).toBeNull();
  });

  test('taking out twice does nothing', () => {
    const table = new HashTable<SockCommon>(2);
    const sk = new SmallSock();
    table.add(sk, 5);
    table.remove(sk);
    table.remove(sk);
    expect(table.size).toBe(0);
    expect(sk.hash).toBe(-1);
  });

  test('hashes are not negative and depend on the secret', () => {
    const hashes = new Set<number>();
    for (let port = 0; port < 1000; port++) hashes.add(inetEhashfn(-5, -1, 80, 0x7f000001, port));
    expect(Math.min(...hashes)).toBeGreaterThanOrEqual(0);
    expect(hashes.size).toBeGreaterThan(990);
    expect(inetEhashfn(1, 2, 3, 4, 5)).not.toBe(inetEhashfn(2, 2, 3, 4, 5));
  });
});

describe('listeners', () => {
  const listener = (address: number, port: number, change: Partial<SmallSock> = {}): SmallSock =>
    new SmallSock().set({ state: TCP_LISTEN, rcvSaddr: address, boundPort: port, ...change });

  test('the exact address comes before the wildcard, a device before none', () => {
    const info = hashinfo();
    const [any, exact, onDevice] = [listener(0, 80), listener(7, 80), listener(7, 80, { boundDevIf: 3 })];
    for (const sk of [exact, onDevice, any]) inetListenInsert(info, sk);
    expect(inetLookupListener(info, 1, 1, 7, 80, 3)).toBe(onDevice);
    expect(inetLookupListener(info, 1, 1, 7, 80, 2)).toBe(exact);
    expect(inetLookupListener(info, 1, 1, 8, 80, 2)).toBe(any);
    expect(inetLookupListener(info, 1, 1, 8, 81, 2)).toBeNull();
  });

  test('connections come before listeners', () => {
    const info = hashinfo();
    const any = listener(0, 80);
    const sk = connection(1, 1, 7, 80);
    inetListenInsert(info, any);
    expect(inetLookup(info, 1, 1, 7, 80, 1)).toBe(any);
    inetEhashInsert(info, sk);
    expect(inetLookup(info, 1, 1, 7, 80, 1)).toBe(sk);
  });

  test('SO_REUSEPORT shares peers among all, and each peer always gets the same', () => {
    const info = hashinfo();
    const group = [1, 2, 3].map(() => listener(0, 80, { reuseport: true }));
    for (const sk of group) inetListenInsert(info, sk);
    const chosen = Array.from({ length: 300 }, (_, port) => inetLookupListener(info, 5, port, 7, 80, 1));
    for (const sk of group) expect(chosen.filter((c) => c === sk).length).toBeGreaterThan(60);
    expect(inetLookupListener(info, 5, 17, 7, 80, 1)).toBe(chosen[17]);
  });
});
