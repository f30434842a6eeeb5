import { once } from 'node:events';
import { virtualClock } from '@stack/clock';
import {
  NF_ACCEPT,
  NF_INET_LOCAL_IN,
  NF_INET_POST_ROUTING,
  NF_INET_PRE_ROUTING,
  NetfilterHooks,
} from '@stack/netfilter';
import type { SkBuff } from '@stack/skb';
import { Tcp, type TcpProtocol } from '@stack/tcp';
import { expect, test } from 'vitest';
import { createLab, e1000, inet } from '../src/index.ts';

const MARK = 9;

/** A client's connection to a server, whose packets are marked as they come; what the server's hooks saw of it. */
async function connect(set: (tcp: TcpProtocol) => void) {
  const clock = virtualClock();
  const lab = createLab({ clock, seed: 7, checking: true });
  const cable = lab.cable({ delay: '1ms' });
  const server = lab.host({
    name: 'server',
    use: inet(),
    devices: { eth0: e1000({ port: cable.a, address: '10.0.0.1/24' }) },
  });
  const client = lab.host({
    name: 'client',
    use: inet(),
    devices: { eth0: e1000({ port: cable.b, address: '10.0.0.2/24' }) },
  });
  set(server.get(Tcp));
  const saw = { marksSent: new Set<number>(), sorted: 0, unsorted: 0 };
  const hook = (where: number, see: (skb: SkBuff) => void): void => {
    server.get(NetfilterHooks).register({
      name: `see ${where}`,
      hook: where,
      priority: 0,
      fn: (skb) => {
        see(skb);
        return NF_ACCEPT;
      },
    });
  };
  hook(NF_INET_PRE_ROUTING, (skb) => (skb.mark = MARK));
  hook(NF_INET_LOCAL_IN, (skb) => void (skb.sk === null ? saw.unsorted++ : saw.sorted++));
  hook(NF_INET_POST_ROUTING, (skb) => void saw.marksSent.add(skb.mark));
  server.net.createServer((socket) => socket.pipe(socket)).listen(80);
  const socket = client.net.connect(80, '10.0.0.1');
  for (const word of ['one', 'two', 'three']) {
    socket.write(word);
    const [answer] = (await clock.settle(once(socket, 'data'))) as [Buffer];
    expect(String(answer)).toBe(word);
  }
  lab.close();
  return saw;
}

test('tcp_fwmark_accept: a connection sends with the mark that its SYN had', async () => {
  const { marksSent } = await connect(({ sysctl }) => (sysctl.tcp_fwmark_accept = true));
  expect([...marksSent]).toEqual([MARK]);
  expect([...(await connect(() => {})).marksSent]).toEqual([0]);
});

test('tcp_early_demux: packets of a connection know their socket before they are delivered', async () => {
  expect((await connect(() => {})).sorted).toBeGreaterThan(0);
  const { sorted, unsorted } = await connect(({ sysctl }) => (sysctl.tcp_early_demux = false));
  expect([sorted, unsorted > 0]).toEqual([0, true]);
});
