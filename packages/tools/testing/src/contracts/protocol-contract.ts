import { SEC } from '@stack/clock';
import type { InetProtocols } from '@stack/ipv4';
import type { Container, Plugin } from '@stack/plugin';
import { skbClone, Skbs, type SkBuff } from '@stack/skb';
import { describe, expect, test } from 'vitest';
import { decodeFrame } from '../decode.ts';
import { arpFrame, ipv4Frame } from '../frames.ts';
import { testHost } from '../host.ts';
import { machine, type Machine } from '../machine.ts';
import { layouts, samplePacket, type Layout } from './samples.ts';

export interface ProtocolContractOptions {
  /** Packets of the protocol, from its header on, that are well-formed: they are tried, cut off and damaged as well. */
  readonly packets: readonly Uint8Array[];
  /** The type of its sockets, SOCK_*, if it has any. */
  readonly socketType?: number;
}

/**
 * What every protocol over IPv4 has to do, as tests: it has its number to itself, takes over every packet that it is
 * handed, whole, cut off, damaged or shared, only reads what ICMP says, and leaves nothing behind.
 *
 * ```ts
 * protocolContract('echo253', 253, echo253, { packets: [Uint8Array.of(1, 2, 3, 4)], socketType: SOCK_DGRAM });
 * ```
 *
 * @param make - the plugin that adds the protocol, new for each test
 */
export function protocolContract(
  name: string,
  number: number,
  make: () => Plugin,
  { packets, socketType }: ProtocolContractOptions,
): void {
  describe(`the protocol ${name}`, () => {
    test(`is number ${number} while its host is open`, async () => {
      const { host, protocols } = await bench(make);
      const found = protocols.get(number);
      expect(found?.name, `attach has to add protocol ${number} to InetProtocols`).toBeTypeOf('string');
      host.close();
      expect(protocols.get(number), 'attach has to return the undo of add').toBeNull();
    });

    test.each(layouts)('takes over every packet, %s', async (layout) => {
      const at = await bench(make);
      for (const bytes of [...packets, ...broken(packets)]) at.receive(number, bytes, layout);
      expect(at.delivered()).toBe(packets.length + broken(packets).length);
      at.lab.clock.runFor(60 * SEC);
    });

    test('takes over packets of random bytes', async () => {
      const at = await bench(make);
      const { random } = at.lab;
      for (let i = 0; i < 500; i++) {
        const bytes = Uint8Array.from({ length: random.below(80) }, () => random.below(256));
        at.receive(number, bytes, 'in one piece');
      }
      at.lab.clock.runFor(60 * SEC);
    });

    test('only reads what ICMP quotes', async () => {
      const at = await bench(make);
      for (const bytes of [...packets, ...broken(packets)]) {
        for (const [type, code, info] of ERRORS) {
          const skb = at.quote(number, bytes);
          const { id, arena, data, tail } = skb;
          const before = arena.u8.slice(data, tail);
          at.protocols.get(number)!.errHandler?.(skb, type, code, info);
          expect(at.pool.isAlive(skb, id), "the message is not the error handler's to free").toBe(true);
          expect(arena.u8.slice(data, tail), 'the error handler wrote into the message').toEqual(before);
          skb.consume();
        }
      }
    });

    test('finds sockets early without harm', async () => {
      const at = await bench(make);
      for (const bytes of [...packets, ...broken(packets)]) {
        const skb = at.packet(number, bytes, 'in one piece');
        at.protocols.get(number)!.earlyDemux?.(skb);
        skb.consume();
      }
    });

    test.skipIf(socketType === undefined)('opens and closes sockets', async () => {
      const { host } = await bench(make);
      const { InetProtosws, Sock } = await import('@stack/sock');
      const kind = host.get(InetProtosws).find(socketType!, number);
      expect(kind, 'attach has to add the kind of socket to InetProtosws').not.toBeNull();
      const { proto, create } = kind!;
      for (let i = 0; i < 3; i++) {
        const sk = create();
        expect(sk).toBeInstanceOf(Sock);
        expect(
          proto.recvmsg(sk, new Uint8Array(10), 0, 10, 0, null),
          'nothing to read is -EAGAIN or -ENOTCONN',
        ).toBeLessThan(0);
        expect(proto.getsockopt(sk, 0x7777, 1), 'an unknown option is a negative errno').toSatisfy(isError);
        expect(proto.setsockopt(sk, 0x7777, 1, 1), 'an unknown option is a negative errno').toSatisfy(isError);
        expect(proto.poll(sk), 'poll answers EPOLL* bits').toBeTypeOf('number');
        proto.close(sk);
      }
      host.get(InetProtosws).find(socketType!, number)!.create(); // and one that is left open
      host.close();
    });
  });
}

/** Type, code and info of errors that reach a protocol. @rfc 792 */
const ERRORS = [
  [3, 1, 0],
  [3, 3, 0],
  [3, 4, 576],
  [11, 0, 0],
  [12, 0, 0],
] as const;

const isError = (answer: unknown): boolean => typeof answer === 'number' && answer < 0;

interface Bench {
  readonly lab: Machine;
  readonly host: Container;
  readonly pool: SkbPoolLike;
  readonly protocols: InetProtocols;
  receive(number: number, bytes: Uint8Array, layout: Layout): void;
  /** Packets that IPv4 handed to protocols. */
  delivered(): number;
  /** As it stands before a protocol: `data` at its header. */
  packet(number: number, bytes: Uint8Array, layout: Layout): SkBuff;
  /** What an ICMP message quotes: `data` at the IP header of the packet, with 8 bytes behind at least. */
  quote(number: number, bytes: Uint8Array): SkBuff;
}

type SkbPoolLike = SkBuff['pool'];

/** A host with IPv4, on a device that swallows what is sent. */
async function bench(make: () => Plugin): Promise<Bench> {
  const [net, { arp }, { netfilter }, { InetProtocols, Ipv4, ipv4 }, { sockets }] = await Promise.all([
    import('@stack/netdev'),
    import('@stack/neigh'),
    import('@stack/netfilter'),
    import('@stack/ipv4'),
    import('@stack/sock'),
  ]);
  const lab = machine();
  const host = testHost(lab, 'alice', [net.netdev(), arp(), netfilter(), ipv4(), sockets(), make()]);
  const core = host.get(net.NetCore);
  const pool = host.get(Skbs);
  const answers: Uint8Array[] = [];
  const dev = net.allocEtherdev('eth0', {
    open: (opened) => (net.netifStartQueue(opened), 0),
    stop: () => 0,
    startXmit: (skb) => {
      const frame = skb.arena.u8.slice(skb.data, skb.tail);
      skb.consume();
      if (decodeFrame(frame).arp?.operation === 'request') answers.push(frame);
      return net.NETDEV_TX_OK;
    },
  });
  dev.devAddr.set([2, 0, 0, 0, 0, 2]);
  net.registerNetdevice(core, dev);
  net.devOpen(dev);
  host.get(Ipv4).addAddress(dev, '10.0.0.2/24');
  const up = (skb: SkBuff): void => {
    skb.dev = dev;
    core.softnet.cpu.localBhDisable();
    net.netifReceiveSkb(skb);
    core.softnet.cpu.localBhEnable();
  };
  up(
    samplePacket(
      pool,
      arpFrame({ operation: 'request', senderIp: '10.0.0.1', targetIp: '10.0.0.2' }),
      'in one piece',
      () => {},
    ),
  );
  const protocols = host.get(InetProtocols);
  return {
    lab,
    host,
    pool,
    protocols,
    delivered: () => host.get(Ipv4).mib.get('IpInDelivers'),
    receive(number, bytes, layout) {
      let clone: SkBuff | null = null;
      up(samplePacket(pool, ipv4Frame(number, bytes), layout, (whole) => (clone = skbClone(whole))));
      (clone as SkBuff | null)?.consume();
    },
    packet(number, bytes, layout) {
      const skb = samplePacket(pool, ipv4Frame(number, bytes), layout, () => {});
      skb.dev = dev;
      skb.pull(20);
      return skb;
    },
    quote(number, bytes) {
      const quoted = new Uint8Array(Math.max(bytes.length, 8));
      quoted.set(bytes);
      const frame = ipv4Frame(number, quoted, { source: '10.0.0.2', destination: '10.0.0.1' });
      const skb = samplePacket(pool, frame, 'in one piece', () => {});
      skb.dev = dev;
      return skb;
    },
  };
}

/** The packets cut off everywhere in their first bytes, and with each of those damaged. */
function broken(packets: readonly Uint8Array[]): Uint8Array[] {
  return packets.flatMap((bytes) => {
    const cuts = Array.from({ length: Math.min(bytes.length, 40) }, (_, i) => bytes.slice(0, i));
    const damaged = cuts.map((_, i) => bytes.map((byte, at) => (at === i ? byte ^ 0xff : byte)));
    return [...cuts, ...damaged];
  });
}
