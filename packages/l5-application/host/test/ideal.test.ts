import { virtualClock } from '@stack/clock';
import { NF_ACCEPT, NF_DROP, NF_INET_LOCAL_IN, NetfilterHooks } from '@stack/netfilter';
import { NET_XMIT_SUCCESS, Qdisc, type QdiscKind } from '@stack/netdev';
import type { Plugin } from '@stack/plugin';
import { DropReason, ip, SkbQueue, type SkBuff } from '@stack/skb';
import { expect, test } from 'vitest';
import { createLab, e1000, inet } from '../src/index.ts';

/** What a user writes: a hook that lets nobody reach port 23. */
const noTelnet: Plugin = {
  name: 'no-telnet',
  attach: (services) =>
    services.get(NetfilterHooks).register({
      name: 'no-telnet',
      hook: NF_INET_LOCAL_IN,
      priority: 0,
      fn: (skb) => (ip.protocol(skb) === ip.PROTO_TCP && skb.mayPull(24) && skb.u16(22) === 23 ? NF_DROP : NF_ACCEPT),
    }),
};

/** What a user writes: a queue in which small packets go first. */
class SmallFirst extends Qdisc {
  readonly kind = 'small_first';
  readonly #small = new SkbQueue();
  readonly #large = new SkbQueue();

  enqueue(skb: SkBuff): number {
    (skb.len < 200 ? this.#small : this.#large).push(skb);
    this.qlen++;
    this.backlog += skb.len;
    return NET_XMIT_SUCCESS;
  }

  dequeue(): SkBuff | null {
    const skb = this.#small.shift() ?? this.#large.shift();
    if (skb === null) return null;
    this.qlen--;
    this.backlog -= skb.len;
    return skb;
  }

  peek(): SkBuff | null {
    return this.#small.first ?? this.#large.first;
  }

  reset(): void {
    this.#small.dropAll(DropReason.QUEUE_PURGE);
    this.#large.dropAll(DropReason.QUEUE_PURGE);
    this.qlen = this.backlog = 0;
  }
}

const smallFirst = (): QdiscKind => ({ kind: 'small_first', create: (queue) => new SmallFirst(queue) });

function build() {
  const clock = virtualClock();
  const lab = createLab({ clock, seed: 7, checking: true });
  const cable = lab.cable({ rate: 1e9, delay: '2ms', loss: 0.01 });
  const server = lab.host({
    name: 'server',
    use: [...inet(), noTelnet],
    devices: { eth0: e1000({ port: cable.a, address: '10.0.0.1/24' }) },
  });
  const client = lab.host({
    name: 'client',
    use: inet(),
    devices: { eth0: e1000({ port: cable.b, address: '10.0.0.2/24', qdisc: smallFirst() }) },
  });
  return { lab, clock, cable, server, client };
}

test("Node's own http serves and fetches over the stack", async () => {
  const { lab, clock, server, client } = build();
  const web = server.http().createServer((request, response) => response.end(`hello ${request.url}`));
  web.listen(80);
  const response = await clock.settle(client.fetch('http://10.0.0.1/you'));
  expect(response.status).toBe(200);
  expect(await clock.settle(response.text())).toBe('hello /you');
  web.close();
  lab.close();
});

test('hosts of a lab know each other by name', async () => {
  const { lab, clock, server, client } = build();
  const web = server.http().createServer((_, response) => response.end('found'));
  web.listen(80);
  const response = await clock.settle(client.fetch('http://server/'));
  expect(await clock.settle(response.text())).toBe('found');
  lab.close();
});

test("a hook of the user's decides", async () => {
  const { lab, clock, server, client } = build();
  server.net.createServer().listen(23);
  const socket = client.net.connect(23, '10.0.0.1');
  const failed = new Promise<NodeJS.ErrnoException>((resolve) => socket.once('error', resolve));
  expect((await clock.settle(failed)).code).toBe('ETIMEDOUT');
  lab.close();
});

test('the same seed gives the same run', async () => {
  const times: number[] = [];
  for (let run = 0; run < 2; run++) {
    const { lab, clock, server, client } = build();
    server
      .http()
      .createServer((_, response) => response.end(Buffer.alloc(200_000)))
      .listen(80);
    const response = await clock.settle(client.fetch('http://10.0.0.1/'));
    expect((await clock.settle(response.arrayBuffer())).byteLength).toBe(200_000);
    times.push(clock.now());
    lab.close();
  }
  expect(times[0]).toBe(times[1]);
});
