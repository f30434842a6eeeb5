import { NetDevice, SkbList } from '@stack/netdev';
import {
  NF_ACCEPT,
  NF_DROP,
  NF_DROP_ERR,
  NF_DROP_REASON,
  NF_HOOK,
  NF_HOOK_LIST,
  NF_INET_LOCAL_IN,
  NF_INET_LOCAL_OUT,
  NF_INET_NUMHOOKS,
  NF_IP_PRI_CONNTRACK,
  NF_IP_PRI_FILTER,
  NF_IP_PRI_FIRST,
  NF_IP_PRI_LAST,
  NF_IP_PRI_NAT_SRC,
  NF_REPEAT,
  NF_STOLEN,
  nfHook,
} from '@stack/netfilter';
import { EACCES, EPERM, StackError } from '@stack/plugin';
import { DropReason, registerDropReason, type SkBuff } from '@stack/skb';
import { installTracer } from '@stack/trace';
import { expect, test } from 'vitest';
import { hookAt, Path, saying } from './setup.ts';

test('without hooks packets pass, and each point is empty', () => {
  const path = new Path();
  expect(path.nf.chains).toEqual(new Array(NF_INET_NUMHOOKS).fill(null));
  expect(path.pass()).toBe(42);
  expect(path.through).toHaveLength(1);
});

test('hooks are asked by priority, and of equals the one registered last first', () => {
  const path = new Path();
  const order: string[] = [];
  const noting = (priority: number, name: string) =>
    path.nf.register(hookAt(priority, () => (order.push(name), NF_ACCEPT), name));
  noting(NF_IP_PRI_FILTER, 'filter');
  noting(NF_IP_PRI_LAST, 'last');
  noting(NF_IP_PRI_FIRST, 'first');
  noting(NF_IP_PRI_NAT_SRC, 'nat');
  noting(NF_IP_PRI_CONNTRACK, 'conntrack');
  noting(NF_IP_PRI_FILTER, 'filter registered later');
  expect(path.pass()).toBe(42);
  expect(order).toEqual(['first', 'conntrack', 'filter registered later', 'filter', 'nat', 'last']);
});

test('a dropped packet is counted and its sender learns EPERM, or the errno of the verdict', () => {
  const path = new Path();
  const undo = path.nf.register(hookAt(0, saying(NF_DROP, NF_DROP_ERR(EACCES))));
  path.nf.register(hookAt(1, () => expect.unreachable()));
  expect(path.pass()).toBe(-EPERM);
  expect(path.pass()).toBe(-EACCES);
  expect(path.pool.drops[DropReason.NETFILTER_DROP]).toBe(2);
  expect(path.through).toHaveLength(0);
  undo();
});

test('a hook drops for a reason of its own', () => {
  const path = new Path();
  const reason = registerDropReason('TEST_KNOCK');
  const before = path.pool.drops[reason];
  path.nf.register(hookAt(0, (skb) => NF_DROP_REASON(skb, reason, EACCES)));
  expect(path.pass()).toBe(-EACCES);
  expect(path.pool.drops[reason]).toBe(before + 1);
  expect(path.pool.drops[DropReason.NETFILTER_DROP]).toBe(0);
});

test('a stolen packet belongs to the hook', () => {
  const path = new Path();
  const stolen: SkBuff[] = [];
  path.nf.register(hookAt(0, (skb) => (stolen.push(skb), NF_STOLEN)));
  expect(path.pass()).toBe(0);
  expect(path.through).toHaveLength(0);
  expect(path.pool.live).toBe(1);
  stolen[0].consume();
});

test('REPEAT asks the same hook again, and then goes on', () => {
  const path = new Path();
  let after = 0;
  path.nf.register(hookAt(0, saying(NF_REPEAT, NF_REPEAT, NF_ACCEPT)));
  path.nf.register(hookAt(1, () => (after++, NF_ACCEPT)));
  expect(path.pass()).toBe(42);
  expect(after).toBe(1);
  expect(path.nf.statistics()[0]).toMatchObject({ packets: 3, repeated: 2, accepted: 1 });
});

test('the state says where the packet is; a hook that sends packets does not disturb the next one', () => {
  const path = new Path();
  const eth0 = new NetDevice('eth0', { open: () => 0, stop: () => 0, startXmit: () => 0 });
  const seen: [number, string | undefined, string | undefined][] = [];
  path.nf.register(
    hookAt(0, (_skb, state) => {
      expect(nfHook(path.nf, NF_INET_LOCAL_OUT, path.skb(), null, eth0, () => 0)).toBe(-EPERM);
      expect(nfHook(path.nf, NF_INET_LOCAL_OUT, path.skb(), null, eth0, () => 0)).toBe(-EPERM);
      seen.push([state.hook, state.in?.name, state.out?.name]);
      return NF_ACCEPT;
    }),
  );
  path.nf.register({
    name: 'inner',
    hook: NF_INET_LOCAL_OUT,
    priority: 0,
    fn: (_skb, state) => (seen.push([state.hook, state.in?.name, state.out?.name]), NF_DROP),
  });
  const end = (skb: SkBuff) => (skb.consume(), 7);
  expect(NF_HOOK(path.nf, NF_INET_LOCAL_IN, path.skb(), eth0, null, end)).toBe(7);
  expect(seen).toEqual([
    [NF_INET_LOCAL_OUT, undefined, 'eth0'],
    [NF_INET_LOCAL_OUT, undefined, 'eth0'],
    [NF_INET_LOCAL_IN, 'eth0', undefined],
  ]);
});

test('of a batch those that are accepted stay, in their order', () => {
  const path = new Path();
  const marks = (list: SkbList) => {
    const all: number[] = [];
    for (let skb = list.first; skb !== null; skb = skb.next) all.push(skb.mark);
    return all;
  };
  path.nf.register(hookAt(0, (skb) => (skb.mark % 2 === 0 ? NF_DROP : NF_ACCEPT)));
  const list = new SkbList();
  for (let mark = 1; mark <= 5; mark++) {
    const skb = path.skb();
    skb.mark = mark;
    list.push(skb);
  }
  NF_HOOK_LIST(path.nf, NF_INET_LOCAL_IN, list, null, null, () => 0);
  expect(marks(list)).toEqual([1, 3, 5]);
  expect(list.length).toBe(3);
  expect(path.pool.drops[DropReason.NETFILTER_DROP]).toBe(2);
  for (let skb = list.shift(); skb !== null; skb = list.shift()) skb.consume();
});

test('a hook that was taken back is asked no more, and taking it back twice does no harm', () => {
  const path = new Path();
  const undo = path.nf.register(hookAt(0, () => NF_DROP));
  const keep = path.nf.register(hookAt(0, () => NF_ACCEPT, 'kept'));
  expect(path.pass()).toBe(-EPERM);
  undo();
  undo();
  expect(path.pass()).toBe(42);
  expect(path.nf.statistics().map(({ name }) => name)).toEqual(['kept']);
  keep();
  expect(path.nf.chains[NF_INET_LOCAL_IN]).toBeNull();
});

test('a hook may take itself back while it is asked', () => {
  const path = new Path();
  const undo = path.nf.register(hookAt(0, () => (undo(), NF_ACCEPT)));
  path.nf.register(hookAt(1, () => NF_DROP));
  expect(path.pass()).toBe(-EPERM);
  expect(path.nf.statistics()).toHaveLength(1);
});

test('a point that does not exist is refused at once', () => {
  const path = new Path();
  const wrong = { ...hookAt(0, () => NF_ACCEPT, 'mine'), hook: 9 };
  expect(() => path.nf.register(wrong)).toThrow(StackError);
  expect(() => path.nf.register(wrong)).toThrow(expect.objectContaining({ code: 'ERR_STACK_HOOK' }));
});

test('every verdict can be traced', () => {
  const path = new Path();
  path.nf.register(hookAt(0, saying(NF_ACCEPT, NF_DROP)));
  const hits: string[] = [];
  const remove = installTracer({ hit: (fn, _skb, note) => hits.push(`${fn} ${note}`), born: () => {} });
  path.pass();
  path.pass();
  remove();
  expect(hits).toEqual([
    'nf_hook LOCAL_IN',
    'nf_hook_slow ACCEPT',
    'nf_hook LOCAL_IN',
    'nf_hook_slow DROP',
    'kfree_skb NETFILTER_DROP',
  ]);
});
