import { SEC } from '@stack/clock';
import type { NetDevice } from '@stack/netdev';
import type { Netfilter, NetfilterHook } from '@stack/netfilter';
import type { Container, Plugin } from '@stack/plugin';
import { skbClone, skbCopyToBytes, Skbs, type SkBuff } from '@stack/skb';
import { describe, expect, test } from 'vitest';
import { ALLOCATION_FREE, bytesPerCall } from '../allocation.ts';
import { testHost } from '../host.ts';
import { machine, type Machine } from '../machine.ts';
import { PacketPath } from './packet-path.ts';
import { layouts, samplePacket, samples, type Layout, type Sample } from './samples.ts';

export interface HookContractOptions {
  /** Further packets to try, as frames: those that the hook is about. */
  readonly packets?: readonly Sample[];
  /** Whether it may allocate for each packet, because it remembers them; no unless given. */
  readonly allocates?: boolean;
  /** Plugins that it needs besides netfilter(). */
  readonly needs?: readonly Plugin[];
}

/** A hook under test. */
interface Bench {
  readonly lab: Machine;
  readonly host: Container;
  readonly nf: Netfilter;
  readonly points: readonly number[];
  /** Sends a packet through a point; true when it came through. */
  pass(point: number, skb: SkBuff): boolean;
  /** A packet of a kind, and the clone that shares its bytes, if there is one. */
  packet(sample: Sample, layout: Layout): { skb: SkBuff; clone: SkBuff | null };
}

/**
 * What every netfilter hook has to do, as tests: it answers every packet with a verdict, owns what it stole and nothing
 * else, writes only what is its to write, registers nothing and calls no sockets while a packet waits, allocates nothing, and
 * goes without a trace.
 *
 * ```ts
 * hookContract('no-telnet', noTelnet);
 * ```
 *
 * @param make - the plugin that registers the hook or hooks, new for each test
 */
export function hookContract(name: string, make: () => Plugin, options: HookContractOptions = {}): void {
  const all = [...samples, ...(options.packets ?? [])];
  describe(`the hook ${name}`, () => {
    test('is registered by its plugin, and goes when the host closes', async () => {
      const { host, nf, points } = await bench(make, options);
      expect(points, 'the plugin registers no hook in attach').not.toHaveLength(0);
      host.close();
      expect(nf.statistics(), 'attach has to return the undo of register').toEqual([]);
    });

    test.each(layouts)('answers every packet with a verdict, %s', async (layout) => {
      const at = await bench(make, options);
      for (const sample of all) {
        for (const point of at.points) {
          const { skb, clone } = at.packet(sample, layout);
          const before = clone === null ? null : bytesOf(clone);
          at.pass(point, skb);
          if (clone === null) continue;
          const why = `it wrote into ${sample[0]}, which is shared: call skbEnsureWritable first`;
          expect(bytesOf(clone), why).toEqual(before);
          clone.consume();
        }
      }
      at.lab.clock.runFor(60 * SEC); // what it stole, it lets go
    });

    test('decides alike whether a packet lies in one piece or in fragments', async () => {
      for (const sample of all) {
        const outcomes = await Promise.all(
          (['in one piece', 'in fragments'] as const).map(async (layout) => {
            const at = await bench(make, options);
            return at.points.map((point) => at.pass(point, at.packet(sample, layout).skb));
          }),
        );
        expect(outcomes[1], `${sample[0]}: it reads what is not linear; call mayPull first`).toEqual(outcomes[0]);
      }
    });

    test('keeps no packet when the host closes', async () => {
      const at = await bench(make, options);
      for (const sample of all) for (const point of at.points) at.pass(point, at.packet(sample, 'in one piece').skb);
      at.host.close(); // the leak check of the test host says who holds what
    });

    test.skipIf(options.allocates === true)('allocates nothing for a packet', async () => {
      const at = await bench(make, options);
      for (const [kind, point, fn] of hooksOf(at)) {
        const { skb } = at.packet(all[1]!, 'in one piece');
        const state = { hook: point, in: null as NetDevice | null, out: null as NetDevice | null };
        let stolen = false;
        const each = bytesPerCall(() => {
          if (stolen) return;
          stolen = (fn(skb, state) & 0xff) === STOLEN;
        });
        if (!stolen) skb.consume();
        expect(each, `${kind} leaves ${Math.round(each)} bytes of garbage for each packet`).toBeLessThan(
          ALLOCATION_FREE,
        );
      }
    });
  });
}

const STOLEN = 2;

async function bench(make: () => Plugin, { needs = [] }: HookContractOptions): Promise<Bench> {
  const { NF_HOOK, NetfilterHooks, netfilter } = await import('@stack/netfilter');
  const lab = machine();
  const plugin = make();
  const host = testHost(lab, 'alice', [netfilter(), ...needs, plugin]);
  const nf = host.get(NetfilterHooks);
  const pool = host.get(Skbs);
  const path = await PacketPath.of(host);
  let passed = false;
  const end = (skb: SkBuff): number => {
    passed = true;
    skb.consume();
    return 0;
  };
  return {
    lab,
    host,
    nf,
    points: [...new Set(nf.statistics().map(({ hook }) => hook))],
    pass(point, skb) {
      passed = false;
      const what = `a packet of ${skb.len} bytes`;
      path.watch(`a hook of ${plugin.name}`, what, () => NF_HOOK(nf, point, skb, null, null, end));
      return passed;
    },
    packet([, frame], layout) {
      let clone: SkBuff | null = null;
      const skb = samplePacket(pool, frame, layout, (whole) => (clone = skbClone(whole)));
      return { skb, clone };
    },
  };
}

/** The functions themselves, without what watches them. */
function hooksOf({ nf }: Bench): [string, number, NetfilterHook['fn']][] {
  return nf.chains.flatMap((chain, point) =>
    (chain ?? []).map(({ ops }): [string, number, NetfilterHook['fn']] => [`hook ${ops.name}`, point, unwatched(ops)]),
  );
}

function unwatched(ops: NetfilterHook & { of?: NetfilterHook }): NetfilterHook['fn'] {
  const { of = ops } = ops;
  return (skb, state) => of.fn(skb, state);
}

function bytesOf(skb: SkBuff): Uint8Array {
  const bytes = new Uint8Array(skb.len);
  skbCopyToBytes(skb, 0, bytes, 0, skb.len);
  return bytes;
}
