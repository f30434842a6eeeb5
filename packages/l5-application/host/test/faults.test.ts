import { once } from 'node:events';
import type { Socket } from 'node:net';
import { EgressPrograms, Policies, XFRM_POLICY_OUT } from '@stack/ipv4';
import { NET_XMIT_SUCCESS, NetCore, PacketTypes, Qdisc, QdiscKinds, replaceQdisc, type QdiscKind } from '@stack/netdev';
import { NetfilterHooks } from '@stack/netfilter';
import type { Plugin, PluginFault, Services, Undo } from '@stack/plugin';
import { DropReason, PLUGIN_FAULT, Skbs, SkbQueue, type SkBuff } from '@stack/skb';
import { CongestionControls, reno, Tcp } from '@stack/tcp';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { bulkHash, hashOf, writeBulk } from './bulk.ts';
import { twoHosts, type TwoHosts } from './two-hosts.ts';

const fail = (): never => {
  throw new Error('out of ideas');
};

/** A fifo that does all right, but for what a subclass does. */
class Sound extends Qdisc {
  readonly kind: string = 'sound';
  protected readonly waiting = new SkbQueue();

  enqueue(skb: SkBuff): number {
    this.waiting.push(skb);
    this.enqueued(skb);
    return NET_XMIT_SUCCESS;
  }

  dequeue(): SkBuff | null {
    const skb = this.waiting.shift();
    if (skb !== null) this.dequeued(skb);
    return skb;
  }

  peek(): SkBuff | null {
    return this.waiting.first;
  }

  reset(): void {
    this.waiting.dropAll(DropReason.QUEUE_PURGE);
    this.qlen = this.backlog = 0;
  }
}

/** A plugin that registers one thing; only the client has it. */
const onClient = (name: string, attach: (services: Services) => Undo | void): Plugin => ({
  name,
  attach: (services) => {
    if (services.get(NetCore).cpus.boot.host === 'client') return attach(services);
  },
});

const kind = (make: QdiscKind['create']): QdiscKind => ({ kind: 'sound', create: make });
const qdisc = (change: (sound: Sound) => void): Plugin =>
  onClient('faulty', (services) =>
    services.get(QdiscKinds).add(
      kind((queue) => {
        const sound = new Sound(queue);
        change(sound);
        return sound;
      }),
    ),
  );

const faulty: [string, string, Plugin][] = [
  [
    'a hook',
    'hook faulty',
    onClient('faulty', (services) =>
      services.get(NetfilterHooks).register({ name: 'faulty', hook: 1, priority: 0, fn: fail }),
    ),
  ],
  [
    'a packet type',
    'packet type faulty',
    onClient('faulty', (services) =>
      services.get(PacketTypes).add({ name: 'faulty', type: 0x0800, dev: null, func: fail }),
    ),
  ],
  [
    'a tap with batches',
    'packet type faulty',
    onClient('faulty', (services) =>
      services.get(PacketTypes).add({ name: 'faulty', type: 0x0003, dev: null, func: fail, listFunc: fail }),
    ),
  ],
  ['a queue in enqueue', 'qdisc sound', qdisc((sound) => (sound.enqueue = fail))],
  ['a queue in dequeue', 'qdisc sound', qdisc((sound) => (sound.dequeue = fail))],
  [
    'an egress program',
    'egress program fail',
    onClient('faulty', (services) => services.get(EgressPrograms).add(fail)),
  ],
  [
    'a congestion control',
    'congestion control faulty',
    onClient('faulty', (services) => {
      services.get(Tcp).sysctl.tcp_congestion_control = 'faulty';
      return services.get(CongestionControls).add({ ...reno, name: 'faulty', congAvoid: fail });
    }),
  ],
  [
    'a congestion control with a window that is none',
    'congestion control faulty',
    onClient('faulty', (services) => {
      services.get(Tcp).sysctl.tcp_congestion_control = 'faulty';
      const congAvoid = (sk: { cc: { cwnd: number } }): void => void (sk.cc.cwnd /= 3);
      return services.get(CongestionControls).add({ ...reno, name: 'faulty', congAvoid });
    }),
  ],
];

let hosts: TwoHosts | null = null;
afterEach(() => {
  hosts?.lab.close();
  hosts = null;
});

function setUp(plugin: Plugin, checking: boolean): TwoHosts & { faults: PluginFault[] } {
  hosts = twoHosts({ checking, plugins: [plugin] });
  const faults: PluginFault[] = [];
  hosts.client.onFault((fault) => faults.push(fault));
  const { client } = hosts;
  if (client.get(QdiscKinds).names.includes('sound')) replaceQdisc(client.devices.at(-1)!, 'sound');
  return { ...hosts, faults };
}

const BYTES = 100_000;

/** Sends the bulk from the client to the server; true when it arrived as it was. */
async function send({ client, server, clock }: TwoHosts): Promise<boolean> {
  const listener = server.net.createServer().listen(80);
  const socket = client.net.connect(80, '10.0.0.1');
  socket.resume();
  const accepted = once(listener, 'connection').then(([peer]) => {
    (peer as Socket).end();
    return hashOf(peer as AsyncIterable<Uint8Array>);
  });
  await clock.settle(once(socket, 'connect'));
  const [hash] = await clock.settle(Promise.all([accepted, writeBulk(socket, BYTES)]));
  listener.close();
  clock.runFor(60e9);
  return hash === bulkHash(BYTES);
}

describe.each(faulty)('%s that throws', (_what, part, plugin) => {
  test('is taken out and reported; the host and its connections live on', async () => {
    const all = setUp(plugin, false);
    expect(await send(all)).toBe(true);
    expect(all.faults).toMatchObject([{ plugin: 'faulty', name: part, error: expect.any(Error) }]);
    expect(all.client.get(Skbs).live).toBe(0);
  });

  test('ends the run at once on a host that is checked, by its name', async () => {
    const all = setUp(plugin, true);
    await expect(send(all)).rejects.toThrow(`${part} of faulty failed`);
    hosts = null; // what was under way when the run ended is lost
  });
});

test('a policy that throws refuses', async () => {
  const all = setUp(
    onClient('faulty', (services) => services.get(Policies).add({ name: 'faulty', allows: fail })),
    false,
  );
  await expect(all.clock.settle(all.client.ping('10.0.0.1'))).rejects.toMatchObject({ code: 'EPERM' });
  all.clock.runFor(1); // listeners are told in a task of their own
  expect(all.faults.map(({ name }) => name)).toEqual(['policy faulty']);
});

test('a policy decides what leaves', async () => {
  const directions: number[] = [];
  const all = setUp(
    onClient('strict', (services) =>
      services.get(Policies).add({ name: 'mute', allows: (_skb, direction) => (directions.push(direction), false) }),
    ),
    true,
  );
  await expect(all.clock.settle(all.client.ping('10.0.0.1'))).rejects.toMatchObject({ code: 'EPERM' });
  expect(directions).toEqual([XFRM_POLICY_OUT]);
  expect(all.client.get(Skbs).drops[DropReason.XFRM_POLICY]).toBe(1);
});

test('a hook that fails closed stays, and drops what it fails at', async () => {
  const all = setUp(
    onClient('wall', (services) =>
      services.get(NetfilterHooks).register({ name: 'wall', hook: 1, priority: 0, failClosed: true, fn: fail }),
    ),
    false,
  );
  const lost = Promise.allSettled([all.client.ping('10.0.0.1'), all.client.ping('10.0.0.1')]);
  expect(await all.clock.settle(lost)).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
  expect(all.client.get(Skbs).drops[PLUGIN_FAULT]).toBe(2);
  expect(all.client.get(NetfilterHooks).statistics()).toHaveLength(1);
});

describe('a queue that does not do what it says', () => {
  const lies: [string, (sound: Sound) => void, string][] = [
    ['does not count in', (sound) => (sound.enqueue = (skb) => (skb.consume(), 7.5)), 'enqueue answered 7.5'],
    [
      'forgets its length',
      (sound) => {
        const { enqueue } = sound;
        sound.enqueue = (skb) => {
          const { qlen, backlog } = sound;
          const answer = enqueue.call(sound, skb);
          sound.qlen = qlen;
          sound.backlog = backlog;
          return answer;
        };
      },
      'did not count it in qlen',
    ],
    ['answers undefined', (sound) => (sound.dequeue = () => undefined as never), 'dequeue answered undefined'],
    [
      'keeps what it is to drop',
      (sound) => (sound.reset = () => (sound.qlen = sound.backlog = 0)),
      'reset kept a packet',
    ],
    ['counts below nothing', (sound) => (sound.peek = () => ((sound.qlen = -1), null)), 'qlen is -1'],
  ];
  test.each(lies)('%s', async (_what, change, says) => {
    const all = setUp(qdisc(change), true);
    const dev = all.client.devices.at(-1)!;
    const { qdisc: root } = dev.queues[0]!;
    const use = async (): Promise<void> => {
      dev.queues[0]!.stopped = true; // packets wait
      const ping = all.client.ping('10.0.0.1');
      await Promise.race([ping, new Promise((resolve) => setImmediate(resolve))]);
      ping.catch(() => {});
      root!.peek();
      root!.reset();
      root!.dequeue();
    };
    await expect(use).rejects.toThrow(says);
    hosts = null;
  });
});

test('without a listener a fault is a warning of the process', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  hosts = twoHosts({ checking: false, plugins: [faulty[0]![2]] });
  await hosts.clock.settle(hosts.client.ping('10.0.0.1')).catch(() => {});
  expect(warn).toHaveBeenCalledWith('hook faulty of faulty on host client: Error: out of ideas', 'StackPluginFault');
  warn.mockRestore();
});
