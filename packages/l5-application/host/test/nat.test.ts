import { once } from 'node:events';
import { virtualClock } from '@stack/clock';
import {
  IP_DEFRAG_CONNTRACK_IN,
  IP_DEFRAG_CONNTRACK_OUT,
  Ipv4,
  ipDefrag,
  ipRouteMeHarder,
  parseIpv4,
} from '@stack/ipv4';
import {
  NF_ACCEPT,
  NF_DROP,
  NF_DROP_ERR,
  NF_INET_LOCAL_OUT,
  NF_INET_PRE_ROUTING,
  NF_IP_PRI_CONNTRACK_DEFRAG,
  NF_IP_PRI_NAT_DST,
  NF_STOLEN,
  NetfilterHooks,
  type Verdict,
} from '@stack/netfilter';
import type { Plugin } from '@stack/plugin';
import { inetProtoCsumReplace4, ip, skbEnsureWritable, type SkBuff } from '@stack/skb';
import { MsgHdr, SOCK_DGRAM } from '@stack/sock';
import { AF_INET } from '@stack/socket';
import { expect, test } from 'vitest';
import { createLab, e1000, inet } from '../src/index.ts';

const PORT = 7;
const VIRTUAL = '10.0.0.99';
const REAL = '10.1.0.1';

/** Where TCP and UDP have their checksum, from the transport header on, and how long headers must be for it. */
const checkAt = (protocol: number): number => (protocol === ip.PROTO_TCP ? 16 : protocol === ip.PROTO_UDP ? 6 : -1);

/**
 * What goes to one address and port goes to another host instead, and its answers come from where they were expected. It
 * remembers nothing: both follow from the packet alone, if it is whole.
 */
function destinationNat(whole: boolean): Plugin {
  const virtual = parseIpv4(VIRTUAL);
  const real = parseIpv4(REAL);

  /** Puts `after` in the place of an address at `at` of the IP header, if it is `before` and the port is ours. */
  function translate(skb: SkBuff, at: number, portAt: number, before: number, after: number): Verdict | 'done' {
    const header = ip.headerLength(skb);
    const check = checkAt(ip.protocol(skb));
    if (check < 0 || skb.i32(at) !== before || (ip.fragOff(skb) & ip.OFFSET_MASK) !== 0) return NF_ACCEPT;
    if (!skb.mayPull(header + check + 2) || skb.u16(header + portAt) !== PORT) return NF_ACCEPT;
    if (!skbEnsureWritable(skb, header + check + 2)) return NF_DROP;
    const none = ip.protocol(skb) === ip.PROTO_UDP && skb.u16(header + check) === 0;
    skb.setI32(at, after);
    ip.sendCheck(skb);
    if (!none) inetProtoCsumReplace4(skb, skb.data + header + check, before, after, true);
    return 'done';
  }

  return {
    name: 'destination-nat',
    attach(services) {
      const net = services.get(Ipv4);
      const hooks = services.get(NetfilterHooks);
      const defrag = (hook: number, user: number) => ({
        name: 'defrag',
        hook,
        priority: NF_IP_PRI_CONNTRACK_DEFRAG,
        fn: (skb: SkBuff) => (ip.isFragment(skb) && !ipDefrag(net, skb, user) ? NF_STOLEN : NF_ACCEPT),
      });
      const undos = [
        hooks.register({
          name: 'out',
          hook: NF_INET_LOCAL_OUT,
          priority: NF_IP_PRI_NAT_DST,
          fn(skb) {
            const verdict = translate(skb, 16, 2, virtual, real);
            if (verdict !== 'done') return verdict;
            const error = ipRouteMeHarder(net, skb);
            return error === 0 ? NF_ACCEPT : NF_DROP_ERR(-error);
          },
        }),
        hooks.register({
          name: 'in',
          hook: NF_INET_PRE_ROUTING,
          priority: NF_IP_PRI_NAT_DST,
          fn(skb) {
            const verdict = translate(skb, 12, 0, real, virtual);
            return verdict === 'done' ? NF_ACCEPT : verdict;
          },
        }),
      ];
      if (whole) {
        undos.push(
          hooks.register(defrag(NF_INET_PRE_ROUTING, IP_DEFRAG_CONNTRACK_IN)),
          hooks.register(defrag(NF_INET_LOCAL_OUT, IP_DEFRAG_CONNTRACK_OUT)),
        );
      }
      return () => undos.forEach((undo) => undo());
    },
  };
}

/** The client thinks that the server is on its first cable; it is on the second one. */
function setUp({ whole = true, loss = 0 } = {}) {
  const clock = virtualClock();
  const lab = createLab({ clock, seed: 7, checking: true });
  const [near, far] = [lab.cable(), lab.cable({ delay: '1ms', loss })];
  const client = lab.host({
    name: 'client',
    use: [...inet(), destinationNat(whole)],
    devices: {
      eth0: e1000({ port: near.a, address: '10.0.0.2/24' }),
      eth1: e1000({ port: far.a, address: '10.1.0.2/24' }),
    },
  });
  const server = lab.host({
    name: 'server',
    use: inet(),
    devices: { eth0: e1000({ port: far.b, address: '10.1.0.1/24' }) },
  });
  server.get(Ipv4).addRoute({ to: '10.0.0.0/24', via: '10.1.0.2' });
  return { clock, lab, client, server };
}

test.each([0, 0.02])('a connection goes to another host by another device, with a loss of %d', async (loss) => {
  const { clock, lab, client, server } = setUp({ loss });
  const peers: unknown[] = [];
  const listener = server.net.createServer((socket) => {
    peers.push([socket.localAddress, socket.remoteAddress]);
    socket.pipe(socket);
  });
  listener.listen(PORT);
  const socket = client.net.connect(PORT, VIRTUAL);
  const sent = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 7) % 251);
  const received: Uint8Array[] = [];
  socket.on('data', (chunk: Uint8Array) => received.push(chunk.slice()));
  socket.end(sent);
  await clock.settle(once(socket, 'close'), clock.now() + 300e9);
  expect(Buffer.compare(Buffer.concat(received), sent)).toBe(0);
  expect(peers).toEqual([[REAL, '10.0.0.2']]);
  expect(socket.remoteAddress ?? VIRTUAL).toBe(VIRTUAL);
  expect(
    client
      .get(NetfilterHooks)
      .statistics()
      .find(({ name }) => name === 'out')!.packets,
  ).toBeGreaterThan(10);
  listener.close();
  lab.close();
});

/** What a client hears of a datagram of 4000 bytes that it sent. */
function echo(whole: boolean): { heard: number; from: number; counters: Record<string, number> } {
  const { clock, lab, client, server } = setUp({ whole });
  const listening = server.sockets.socket(AF_INET, SOCK_DGRAM);
  server.sockets.bind(listening, 0, PORT);
  const fd = client.sockets.socket(AF_INET, SOCK_DGRAM);
  client.sockets.connect(fd, parseIpv4(VIRTUAL), PORT);
  const sent = Uint8Array.from({ length: 4000 }, (_, i) => (i * 13) % 251);
  expect(client.sockets.send(fd, sent)).toBe(4000);
  clock.runFor(3e9);
  const at = new Uint8Array(5000);
  const from = new MsgHdr();
  expect(server.sockets.recvmsg(listening, at, 0, from)).toBe(4000);
  expect(at.subarray(0, 4000)).toEqual(sent);
  server.sockets.sendmsg(listening, at.subarray(0, 4000), 0, from);
  clock.runFor(3e9);
  const heard = client.sockets.recv(fd, at);
  const counters = client.get(Ipv4).mib.nonZero();
  clock.runFor(60e9);
  lab.close();
  return { heard, from: from.address, counters };
}

test('a datagram in fragments is put together in front of the hooks, in both directions', () => {
  const { heard, from, counters } = echo(true);
  expect(heard).toBe(4000);
  expect(from).toBe(parseIpv4('10.0.0.2'));
  expect(counters).toMatchObject({ IpReasmReqds: 3, IpReasmOKs: 1, IpFragCreates: 3 });
});

test('without that, only its first fragment has the port, and it does not arrive', () => {
  expect(echo(false).heard).toBeLessThan(0);
});

test('a packet for which there is no route any more is refused, and its sender learns why', () => {
  const { lab, client } = setUp();
  client.get(Ipv4).deleteRoute({ to: '10.1.0.0/24', dev: 'eth1' });
  const fd = client.sockets.socket(AF_INET, SOCK_DGRAM);
  client.sockets.connect(fd, parseIpv4(VIRTUAL), PORT);
  expect(client.sockets.send(fd, new Uint8Array(5))).toBe(-101); // ENETUNREACH
  lab.close();
});
