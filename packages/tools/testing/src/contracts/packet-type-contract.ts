import type { NetCore, NetDevice, PacketType } from '@stack/netdev';
import type { Container, Plugin } from '@stack/plugin';
import { skbCopyToBytes, SkbPool, Skbs, type SkBuff } from '@stack/skb';
import { describe, expect, test } from 'vitest';
import { ALLOCATION_FREE, bytesPerCall } from '../allocation.ts';
import { concat } from '../checksum.ts';
import { ethernetFrame } from '../frames.ts';
import { testHost } from '../host.ts';
import { machine, type Machine } from '../machine.ts';
import { PacketPath } from './packet-path.ts';

export interface PacketTypeContractOptions {
  /** Payloads that are well-formed: they are tried, cut off and damaged as well. */
  readonly payloads?: readonly Uint8Array[];
  /** Whether it may allocate for each frame, because it remembers them; no unless given. */
  readonly allocates?: boolean;
  /** Plugins that it needs besides netdev(). */
  readonly needs?: () => readonly Plugin[] | Promise<readonly Plugin[]>;
}

const ETHERNET = 14;
const ETH_P_ALL = 3;
/** An ethertype for local experiments. */
const EXPERIMENT = 0x88b5;
const LONGEST = 1500;

/**
 * What every packet type has to do, as tests: it takes over every frame, whole, cut off, in fragments or shared with others,
 * frees its share and no more, writes nothing that others see, allocates nothing, and goes with its host. It may send from
 * where it is called, which is softirq context; it may not register, set up devices or call sockets there.
 *
 * ```ts
 * packetTypeContract('hello', ETH_P_HELLO, () => hello('anna'), { payloads: [new TextEncoder().encode('bert')] });
 * ```
 *
 * @param make - the plugin that adds the packet type, new for each test
 */
export function packetTypeContract(
  name: string,
  type: number,
  make: () => Plugin,
  options: PacketTypeContractOptions = {},
): void {
  const payloads = [...(options.payloads ?? []), new Uint8Array(LONGEST).fill(0xa5), new Uint8Array(46)];
  describe(`the packet type ${name}`, () => {
    test('is added by its plugin, and goes when the host closes', async () => {
      const { host, types } = await bench(name, type, make, options);
      expect(types(), `attach has to add ethertype 0x${type.toString(16)} to PacketTypes`).not.toHaveLength(0);
      host.close();
      expect(types(), 'attach has to return the undo of add').toHaveLength(0);
    });

    test.each(['in one piece', 'in fragments'] as const)('takes over every frame, %s', async (layout) => {
      const at = await bench(name, type, make, options);
      for (const bytes of broken(payloads)) at.receive(bytes, layout);
      at.lab.clock.runFor(60e9);
    });

    test('takes over frames of random bytes', async () => {
      const at = await bench(name, type, make, options);
      const { random } = at.lab;
      for (let i = 0; i < 300; i++) {
        at.receive(
          Uint8Array.from({ length: random.below(120) }, () => random.below(256)),
          'in one piece',
        );
      }
      at.lab.clock.runFor(60e9);
    });

    test('does no harm to a frame that others have too', async () => {
      const at = await bench(name, type, make, options);
      const problems = at.share();
      for (const bytes of broken(payloads)) at.receive(bytes, 'in one piece');
      expect(at.heard(), 'nobody else heard of the frames: nothing was tested').toBeGreaterThan(payloads.length);
      expect(problems, problems[0]).toEqual([]);
    });

    test.skipIf(options.allocates === true)('allocates nothing for a frame', async () => {
      const at = await bench(name, type, make, options);
      const pool = new SkbPool(at.lab.arena);
      const skb = at.frame(payloads[0]!, 'in one piece', pool);
      for (const handler of at.types()) {
        const each = bytesPerCall(() => void handler.func(skb.get(), at.dev, at.dev));
        const garbage = `${handler.name} leaves ${Math.round(each)} bytes of garbage for each frame`;
        expect(each, garbage).toBeLessThan(ALLOCATION_FREE);
      }
      skb.consume();
    });
  });
}

type Layout = 'in one piece' | 'in fragments';

interface Bench {
  readonly lab: Machine;
  readonly host: Container;
  readonly dev: NetDevice;
  /** The handlers of the ethertype. */
  types(): readonly PacketType[];
  /** A frame as it comes from a driver: `data` behind the Ethernet header. */
  frame(payload: Uint8Array, layout: Layout, pool?: SkbPool): SkBuff;
  receive(payload: Uint8Array, layout: Layout): void;
  /** Gives each frame to another handler too, after the one that is tested; says what that one did to it. */
  share(): string[];
  /** Frames that the other handler got. */
  heard(): number;
}

async function bench(
  name: string,
  type: number,
  make: () => Plugin,
  { needs = () => [] }: PacketTypeContractOptions,
): Promise<Bench> {
  const net = await import('@stack/netdev');
  const lab = machine();
  const host = testHost(lab, 'alice', [net.netdev(), ...(await needs()), make()]);
  const core: NetCore = host.get(net.NetCore);
  const dev = net.allocEtherdev('eth0', {
    open: (opened) => (net.netifStartQueue(opened), 0),
    stop: () => 0,
    startXmit: (skb) => (skb.consume(), net.NETDEV_TX_OK),
  });
  dev.devAddr.set([2, 0, 0, 0, 0, 2]);
  net.registerNetdevice(core, dev);
  net.devOpen(dev);
  const path = await PacketPath.of(host);
  let heard = 0;
  let current: Uint8Array = new Uint8Array();
  const frame: Bench['frame'] = (payload, layout, pool = host.get(Skbs)) => {
    const bytes = ethernetFrame(type === ETH_P_ALL ? EXPERIMENT : type, payload);
    const linear = layout === 'in fragments' ? ETHERNET : bytes.length;
    const skb = pool.alloc(64 + linear)!;
    skb.reserve(64);
    skb.putData(bytes.subarray(0, linear));
    if (bytes.length > linear) {
      const page = pool.arena.alloc(bytes.length - linear);
      pool.arena.u8.set(bytes.subarray(linear), page);
      skb.addFrag(page, 0, bytes.length - linear, bytes.length - linear);
    }
    skb.protocol = net.ethTypeTrans(skb, dev);
    skb.networkHeader = skb.data;
    return skb;
  };
  return {
    lab,
    host,
    dev,
    types: () => [...core.ptypeAll, ...core.ptypeBase.flat()].filter((each) => each.type === type),
    frame,
    receive(payload, layout) {
      const skb = frame(payload, layout);
      current = bytesOf(skb);
      const { cpu } = core.softnet;
      cpu.localBhDisable();
      path.watch(`packet type ${name}`, `a frame of ${current.length} bytes`, () => net.netifReceiveSkb(skb));
      cpu.localBhEnable();
    },
    share() {
      const problems: string[] = [];
      host.get(net.PacketTypes).add({
        name: 'packet type contract',
        type,
        dev: null,
        func(skb) {
          heard++;
          const problem = harm(skb, current);
          if (problem !== null) problems.push(problem);
          if (skb.pool.isAlive(skb, skb.id)) skb.consume();
          return 0;
        },
      });
      return problems;
    },
    heard: () => heard,
  };
}

/** What was done to a frame that is owned by several. */
function harm(skb: SkBuff, before: Uint8Array): string | null {
  if (skb.len !== before.length) return 'it moved data of a frame that others own too: call skbShareCheck first';
  const same = bytesOf(skb).every((byte, i) => byte === before[i]);
  return same ? null : 'it wrote into a frame that others read too: call skbShareCheck and skbEnsureWritable first';
}

function bytesOf(skb: SkBuff): Uint8Array {
  const bytes = new Uint8Array(skb.len);
  skbCopyToBytes(skb, 0, bytes, 0, skb.len);
  return bytes;
}

/** Payloads, cut off in their first bytes, and with each of those damaged. */
function broken(payloads: readonly Uint8Array[]): Uint8Array[] {
  return payloads.flatMap((bytes) => {
    const first = Array.from({ length: Math.min(bytes.length, 40) }, (_, i) => i);
    const damaged = first.map((at) => bytes.map((byte, i) => (i === at ? byte ^ 0xff : byte)));
    return [
      bytes,
      concat(bytes, bytes).subarray(0, LONGEST),
      ...first.map((length) => bytes.slice(0, length)),
      ...damaged,
    ];
  });
}
