import {
  NF_ACCEPT,
  NF_DROP,
  NF_HOOK_LIST,
  NF_INET_LOCAL_IN,
  NF_QUEUE_NR,
  NF_REPEAT,
  NF_STOLEN,
  type NetfilterHook,
  type Verdict,
} from '@stack/netfilter';
import { SkbList } from '@stack/netdev';
import { EPERM } from '@stack/plugin';
import { PLUGIN_FAULT, type SkBuff } from '@stack/skb';
import { describe, expect, test } from 'vitest';
import { hookAt, Path, saying } from './setup.ts';

const broken: [string, NetfilterHook['fn']][] = [
  [
    'throws',
    () => {
      throw new Error('out of ideas');
    },
  ],
  ['forgets to return', () => undefined as unknown as Verdict],
  ['returns a boolean', () => true as unknown as Verdict],
  ['returns a number that is no verdict', () => 77],
];

describe.each(broken)('a hook that %s', (_what, fn) => {
  test('is taken out, and its packet dropped; the host lives on', () => {
    const path = new Path({ strict: false });
    path.nf.register(hookAt(0, fn, 'bad'));
    path.nf.register(hookAt(1, () => NF_ACCEPT, 'good'));
    expect(path.pass()).toBe(-EPERM);
    expect(path.pool.drops[PLUGIN_FAULT]).toBe(1);
    expect(path.faults).toMatchObject([{ plugin: 'the application', name: 'hook bad' }]);
    expect(path.pass()).toBe(42);
    expect(path.nf.statistics().map(({ name }) => name)).toEqual(['good']);
  });

  test('ends a test at once, with its name', () => {
    const path = new Path();
    path.nf.register(hookAt(0, fn, 'bad'));
    expect(() => path.pass()).toThrow(
      expect.objectContaining({ code: 'ERR_STACK_PLUGIN_FAULT', message: expect.stringContaining('hook bad of') }),
    );
  });
});

test('the packets after the one at which a hook failed go on without it, those of its batch too', () => {
  const path = new Path({ strict: false });
  let asked = 0;
  path.nf.register(
    hookAt(1, () => {
      if (++asked === 2) throw new Error('second');
      return NF_ACCEPT;
    }),
  );
  const list = new SkbList();
  for (let i = 0; i < 4; i++) list.push(path.skb());
  NF_HOOK_LIST(path.nf, NF_INET_LOCAL_IN, list, null, null, () => 0);
  expect(asked).toBe(2);
  expect(list.length).toBe(3);
  for (let skb = list.shift(); skb !== null; skb = list.shift()) skb.consume();
});

test('a hook that freed its packet and threw harms no other packet', () => {
  const path = new Path({ strict: false });
  path.nf.register(
    hookAt(0, (skb) => {
      skb.consume();
      throw new Error('late');
    }),
  );
  expect(path.pass()).toBe(-EPERM);
  expect(path.pool.live).toBe(0);
});

describe('under the checking allocator', () => {
  test.each([
    ['ACCEPT', NF_ACCEPT],
    ['DROP', NF_DROP],
    ['QUEUE', NF_QUEUE_NR(1)],
  ])('a hook that frees its packet and says %s is told so', (name, verdict) => {
    const path = new Path();
    path.nf.register(hookAt(0, (skb) => (skb.consume(), verdict)));
    expect(() => path.pass()).toThrow(`it freed the packet and said ${name}`);
  });

  test('a packet that a hook stole and forgot is found with the name of the hook', () => {
    const path = new Path();
    let stolen: SkBuff | undefined;
    path.nf.register(hookAt(0, (skb) => ((stolen = skb), NF_STOLEN), 'magpie'));
    path.pass();
    const { check } = path.pool as unknown as { check(): void };
    expect(() => check.call(path.pool)).toThrow('held by hook magpie of the application, which said NF_STOLEN');
    stolen!.consume();
  });

  test('a hook that repeats for ever is told so', () => {
    const path = new Path();
    path.nf.register(hookAt(0, () => NF_REPEAT));
    expect(() => path.pass()).toThrow('NF_REPEAT');
  });

  test('repeating for many packets is no fault', () => {
    const path = new Path();
    const says = saying(...Array.from({ length: 3000 }, (_, i) => (i % 2 === 0 ? NF_REPEAT : NF_ACCEPT)));
    path.nf.register(hookAt(0, says));
    for (let i = 0; i < 1500; i++) path.pass();
    expect(path.through).toHaveLength(1500);
  });
});

test('a handler that throws loses its queue, and what waits there is dropped', () => {
  const path = new Path({ strict: false });
  path.nf.register(hookAt(0, () => NF_QUEUE_NR(3)));
  let asked = 0;
  path.nf.queueHandler(3, () => {
    if (++asked === 2) throw new Error('full');
  });
  path.pass();
  path.pass();
  expect(path.pool.live).toBe(0);
  expect(path.faults).toMatchObject([{ name: 'handler of queue 3' }]);
  expect(path.pass()).toBe(-EPERM); // nobody serves it now
});

test('several hooks come and go together, or not at all', () => {
  const path = new Path();
  const undo = path.nf.registerAll([hookAt(0, () => NF_ACCEPT, 'a'), hookAt(1, () => NF_ACCEPT, 'b')]);
  expect(path.nf.statistics()).toHaveLength(2);
  undo();
  expect(path.nf.statistics()).toHaveLength(0);
  const wrong = { ...hookAt(0, () => NF_ACCEPT), hook: 9 };
  expect(() => path.nf.registerAll([hookAt(0, () => NF_ACCEPT), wrong])).toThrow('asks for point 9');
  expect(path.nf.statistics()).toHaveLength(0);
});

test('what is no function is refused at registration', () => {
  const path = new Path();
  expect(() => path.nf.register({ ...hookAt(0, () => NF_ACCEPT), fn: undefined as never })).toThrow('has no function');
});

test('a stopwatch tells how long each hook takes', () => {
  const path = new Path();
  let time = 0;
  path.nf.register(hookAt(0, () => ((time += 7), NF_ACCEPT)));
  path.pass();
  expect(path.nf.statistics()[0].nanoseconds).toBe(0);
  path.nf.stopwatch = () => time;
  path.pass();
  path.pass();
  expect(path.nf.statistics()[0]).toMatchObject({ packets: 3, nanoseconds: 14 });
});
