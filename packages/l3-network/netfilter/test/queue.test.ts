import {
  NF_ACCEPT,
  NF_DROP,
  NF_QUEUE_NR,
  NF_REPEAT,
  NF_STOLEN,
  NF_VERDICT_FLAG_QUEUE_BYPASS,
  type HookState,
  type Verdict,
} from '@stack/netfilter';
import { EPERM } from '@stack/plugin';
import { DropReason, type SkBuff } from '@stack/skb';
import { expect, test } from 'vitest';
import { hookAt, Path, saying } from './setup.ts';

interface Waiting {
  skb: SkBuff;
  state: HookState;
  reinject: (verdict: Verdict) => void;
}

/** A path whose first hook queues, with a handler that keeps what it gets and a second hook that counts. */
function queueing(...verdicts: Verdict[]) {
  const path = new Path();
  const waiting: Waiting[] = [];
  const counted = { first: 0, second: 0 };
  const says = saying(...(verdicts.length > 0 ? verdicts : [NF_QUEUE_NR(5)]));
  const undoHook = path.nf.register(hookAt(0, (skb, state) => (counted.first++, says(skb, state))));
  path.nf.register(hookAt(1, () => (counted.second++, NF_ACCEPT)));
  const undoHandler = path.nf.queueHandler(5, (skb, state, reinject) => waiting.push({ skb, state, reinject }));
  return { path, waiting, counted, undoHook, undoHandler };
}

test('a queued packet goes on after the hook that queued it, once it is accepted', () => {
  const { path, waiting, counted } = queueing();
  expect(path.pass()).toBe(0);
  expect(counted).toEqual({ first: 1, second: 0 });
  expect(path.through).toHaveLength(0);
  expect(waiting[0].state.hook).toBe(1);
  waiting[0].reinject(NF_ACCEPT);
  expect(counted).toEqual({ first: 1, second: 1 });
  expect(path.through).toHaveLength(1);
});

test('only the first verdict counts', () => {
  const { path, waiting } = queueing();
  path.pass();
  waiting[0].reinject(NF_ACCEPT);
  waiting[0].reinject(NF_ACCEPT);
  waiting[0].reinject(NF_DROP);
  expect(path.through).toHaveLength(1);
  expect(path.pool.drops[DropReason.NETFILTER_DROP]).toBe(0);
});

test('answers come in any order, and at once', () => {
  const { path, waiting } = queueing();
  path.pass();
  path.pass();
  const [first, second] = waiting;
  second.reinject(NF_ACCEPT);
  first.reinject(NF_ACCEPT);
  expect(path.through).toEqual([second.skb, first.skb]);
});

test('DROP drops, REPEAT asks the same hook again', () => {
  const { path, waiting, counted } = queueing(NF_QUEUE_NR(5), NF_QUEUE_NR(5), NF_ACCEPT);
  path.pass();
  waiting[0].reinject(NF_DROP);
  expect(path.pool.drops[DropReason.NETFILTER_DROP]).toBe(1);
  path.pass();
  waiting[1].reinject(NF_REPEAT);
  expect(counted).toEqual({ first: 3, second: 1 });
  expect(path.through).toHaveLength(1);
});

test('a handler may move a packet to another queue, or keep it', () => {
  const { path, waiting } = queueing();
  const others: Waiting[] = [];
  path.nf.queueHandler(6, (skb, state, reinject) => others.push({ skb, state, reinject }));
  path.pass();
  waiting[0].reinject(NF_QUEUE_NR(6));
  expect(others).toHaveLength(1);
  others[0].reinject(NF_STOLEN);
  expect(path.through).toHaveLength(0);
  others[0].skb.consume();
});

test('without a handler the packet is dropped, or passes if the verdict says bypass', () => {
  const path = new Path();
  path.nf.register(hookAt(0, saying(NF_QUEUE_NR(9), NF_QUEUE_NR(9) | NF_VERDICT_FLAG_QUEUE_BYPASS)));
  expect(path.pass()).toBe(-EPERM);
  expect(path.pass()).toBe(42);
  expect(path.through).toHaveLength(1);
  expect(path.nf.statistics()[0]).toMatchObject({ packets: 2, queued: 2 });
});

test('moved to a queue that nobody serves with bypass, it goes on after its hook', () => {
  const { path, waiting, counted } = queueing();
  path.pass();
  waiting[0].reinject(NF_QUEUE_NR(9) | NF_VERDICT_FLAG_QUEUE_BYPASS);
  expect(counted.second).toBe(1);
  expect(path.through).toHaveLength(1);
});

test('the highest queue number works', () => {
  const path = new Path();
  const waiting: Waiting[] = [];
  path.nf.register(hookAt(0, () => NF_QUEUE_NR(65_535)));
  path.nf.queueHandler(65_535, (skb, state, reinject) => waiting.push({ skb, state, reinject }));
  path.pass();
  waiting[0].reinject(NF_ACCEPT);
  expect(path.through).toHaveLength(1);
});

test.each(['hook', 'handler', 'host'] as const)('packets that wait are dropped when the %s goes', (who) => {
  const { path, waiting, undoHook, undoHandler } = queueing();
  path.pass();
  path.pass();
  if (who === 'hook') undoHook();
  else if (who === 'handler') undoHandler();
  else path.nf.close();
  expect(path.pool.drops[DropReason.QUEUE_PURGE]).toBe(2);
  expect(path.pool.live).toBe(0);
  waiting[0].reinject(NF_ACCEPT);
  expect(path.through).toHaveLength(0);
});

test('a queue has one handler', () => {
  const { path } = queueing();
  expect(() => path.nf.queueHandler(5, () => {})).toThrow(expect.objectContaining({ code: 'ERR_STACK_QUEUE_TAKEN' }));
});
