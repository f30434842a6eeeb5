import { installTracer } from '@stack/trace';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { DropReason, dropReasonName, MAX_DROP_REASONS, registerDropReason, SkbQueue } from '../src/index.ts';
import { newPool } from './support.ts';

describe('drop', () => {
  it('counts the reason and frees the buffer', () => {
    const pool = newPool();
    pool.alloc(10)!.drop(DropReason.NO_SOCKET);
    pool.alloc(10)!.drop(DropReason.NO_SOCKET);
    pool.alloc(10)!.drop(DropReason.IP_CSUM);
    pool.alloc(10)!.consume();
    expect(pool.drops[DropReason.NO_SOCKET]).toBe(2);
    expect(pool.drops[DropReason.IP_CSUM]).toBe(1);
    expect(pool.drops.reduce((sum, n) => sum + n)).toBe(3);
    expect(pool.live).toBe(0);
  });

  it('of a shared buffer counts once, with the last owner', () => {
    const pool = newPool();
    const skb = pool.alloc(10)!.get();
    skb.drop(DropReason.UNHANDLED_PROTO);
    expect(pool.drops[DropReason.UNHANDLED_PROTO]).toBe(0);
    skb.drop(DropReason.NO_SOCKET);
    expect(pool.drops[DropReason.NO_SOCKET]).toBe(1);
    expect(pool.live).toBe(0);
  });

  it('shows the packet to who listens while it is still whole', () => {
    const pool = newPool();
    const seen = vi.fn();
    pool.onDrop = (skb, reason) => seen(skb.len, dropReasonName(reason));
    const skb = pool.alloc(10)!;
    skb.put(7);
    skb.drop(DropReason.TCP_OLD_DATA);
    expect(seen.mock.calls).toEqual([[7, 'TCP_OLD_DATA']]);
  });

  it('is a trace point', () => {
    const hit = vi.fn();
    onTestFinished(installTracer({ hit, born() {} }));
    newPool().alloc(10)!.drop(DropReason.TTL_EXPIRED);
    expect(hit).toHaveBeenCalledExactlyOnceWith('kfree_skb', expect.anything(), 'TTL_EXPIRED');
  });

  it('gives the socket its budget back', () => {
    const skb = newPool().alloc(10)!;
    const sk = { protocol: 6 };
    skb.sk = sk;
    const given = vi.fn();
    skb.destructor = (freed) => given(freed.sk, freed.truesize);
    const { truesize } = skb;
    skb.drop(DropReason.NO_SOCKET);
    expect(given.mock.calls).toEqual([[sk, truesize]]);
  });
});

describe('reasons', () => {
  it('have names; unknown numbers have the general one', () => {
    expect(dropReasonName(DropReason.NO_SOCKET)).toBe('NO_SOCKET');
    expect(dropReasonName(MAX_DROP_REASONS)).toBe('NOT_SPECIFIED');
  });

  it('of plugins get a number each, counted like the others', () => {
    const reason = registerDropReason('KNOCK_WRONG_PORT');
    expect(registerDropReason('KNOCK_WRONG_PORT')).toBe(reason);
    expect(registerDropReason('NO_SOCKET')).toBe(DropReason.NO_SOCKET);
    expect(dropReasonName(reason)).toBe('KNOCK_WRONG_PORT');
    const pool = newPool();
    pool.alloc(10)!.drop(reason);
    expect(pool.drops[reason]).toBe(1);
  });
});

describe('a queue', () => {
  it('purged frees all, counting nothing', () => {
    const pool = newPool();
    const queue = new SkbQueue();
    for (let i = 0; i < 3; i++) queue.push(pool.alloc(10)!);
    queue.purge();
    expect([pool.live, queue.length, queue.empty]).toEqual([0, 0, true]);
    expect(pool.drops.some((n) => n > 0)).toBe(false);
  });

  it('dropped counts each', () => {
    const pool = newPool();
    const queue = new SkbQueue();
    for (let i = 0; i < 3; i++) queue.push(pool.alloc(10)!);
    queue.dropAll(DropReason.QDISC_DROP);
    expect(pool.drops[DropReason.QDISC_DROP]).toBe(3);
    expect(pool.live).toBe(0);
  });
});
