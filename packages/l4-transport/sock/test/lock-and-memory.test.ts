import { SkbPool, type SkBuff } from '@stack/skb';
import { machine, whenPassed } from '@stack/testing';
import { expect, test } from 'vitest';
import {
  lockSock,
  releaseSock,
  skAddBacklog,
  skbSetOwnerR,
  skbSetOwnerW,
  skFilter,
  skRmemSchedule,
  sockSetRcvbuf,
  sockSetSndbuf,
  ProtoMemory,
} from '../src/index.ts';
import { SmallSock } from './small-sock.ts';

function buffers(): (length: number) => SkBuff {
  const pool = new SkbPool(machine().arena);
  whenPassed(() => expect(pool.live).toBe(0));
  return (length) => {
    const skb = pool.alloc(length)!;
    skb.put(length);
    return skb;
  };
}

test('packets of the backlog are processed in order when the call leaves, also those that come meanwhile', () => {
  const skb = buffers();
  const sk = new SmallSock();
  lockSock(sk);
  expect(sk.ownedByUser).toBe(true);
  for (const length of [1, 2]) expect(skAddBacklog(sk, skb(length), 10_000)).toBe(true);
  sk.onBacklog = (one) => {
    expect(sk.ownedByUser).toBe(true);
    if (one.len === 1) skAddBacklog(sk, skb(3), 10_000);
  };
  expect(sk.received).toEqual([]);
  releaseSock(sk);
  expect(sk.received).toEqual([1, 2, 3]);
  expect([sk.ownedByUser, sk.backlogLen, sk.released]).toEqual([false, 0, 1]);
});

test('what comes in while the call leaves is processed too', () => {
  const skb = buffers();
  const sk = new SmallSock();
  lockSock(sk);
  sk.onRelease = () => sk.released === 1 && skAddBacklog(sk, skb(4), 10_000);
  releaseSock(sk);
  expect(sk.received).toEqual([4]);
  expect([sk.ownedByUser, sk.released]).toEqual([false, 2]);
});

test('the backlog takes no more than its limit', () => {
  const skb = buffers();
  const sk = new SmallSock();
  lockSock(sk);
  const one = skb(100);
  expect(skAddBacklog(sk, one, one.truesize - 1)).toBe(true);
  const two = skb(100);
  expect(skAddBacklog(sk, two, one.truesize - 1)).toBe(false);
  two.consume();
  releaseSock(sk);
  expect(sk.received).toEqual([100]);
});

test('a packet counts against its owner until it is freed, and no longer', () => {
  const skb = buffers();
  const sk = new SmallSock();
  const [received, sent] = [skb(100), skb(200)];
  const [r, w] = [received.truesize, sent.truesize];
  skbSetOwnerR(received, sk);
  skbSetOwnerW(sent, sk);
  expect([sk.rmemAlloc, sk.wmemAlloc, sk.memory.allocated]).toEqual([r, w + 1, r]);
  skbSetOwnerR(received, sk);
  expect(sk.rmemAlloc).toBe(r);
  received.consume();
  sent.consume();
  expect([sk.rmemAlloc, sk.wmemAlloc, sk.memory.allocated, sk.spaces]).toEqual([0, 1, 0, 1]);
});

test('buffer sizes are doubled and clamped', () => {
  const sk = new SmallSock();
  sockSetRcvbuf(sk, 100_000, 212_992);
  sockSetSndbuf(sk, 1, 212_992);
  expect([sk.rcvbuf, sk.sndbuf]).toEqual([200_000, 4_608]);
  sockSetRcvbuf(sk, 1e9, 212_992);
  sockSetSndbuf(sk, -1, 212_992);
  expect([sk.rcvbuf, sk.sndbuf]).toEqual([425_984, 425_984]);
});

test('pressure begins above its mark and ends below the low one', () => {
  const memory = new ProtoMemory(100, 200, 300);
  const at = (allocated: number): boolean => {
    memory.allocated = allocated;
    return memory.underPressure;
  };
  expect([at(150), at(201), at(150), at(100), at(150)]).toEqual([false, true, true, false, false]);
});

test('above the limit only a socket with next to nothing gets more', () => {
  const sk = new SmallSock();
  sk.memory.allocated = sk.memory.high;
  expect(skRmemSchedule(sk, 1)).toBe(true);
  sk.rmemAlloc = 5000;
  expect(skRmemSchedule(sk, 1)).toBe(false);
});

test('a filter cuts, refuses, and when it throws refuses too', () => {
  const skb = buffers();
  const sk = new SmallSock();
  const run = (filter: () => number): number => {
    sk.change({ filter });
    const one = skb(100);
    const length = skFilter(sk, one, 8) ? one.len : -1;
    one.consume();
    return length;
  };
  const broken = (): number => {
    throw new Error('mine');
  };
  expect([run(() => 1000), run(() => 50), run(() => 1), run(() => 0), run(() => NaN), run(broken)]).toEqual([
    100, 50, 8, -1, -1, -1,
  ]);
});
