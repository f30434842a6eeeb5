import { MSEC } from '@stack/clock';
import type { Netfilter } from '@stack/netfilter';
import type { Container, Plugin } from '@stack/plugin';
import { ip, skbClone, skbCopyToBytes, Skbs, type SkBuff } from '@stack/skb';
import { describe, expect, test } from 'vitest';
import { testHost } from '../host.ts';
import { machine, type Machine } from '../machine.ts';
import { PacketPath } from './packet-path.ts';
import { layouts, samplePacket, samples, type Layout, type Sample } from './samples.ts';

export interface QueueContractOptions {
  /** Number of the queue that it serves. */
  readonly queue: number;
  /** Further packets to try, as frames: those that it is about. */
  readonly packets?: readonly Sample[];
  /** Plugins that it needs besides netfilter(). */
  readonly needs?: readonly Plugin[];
}

/** How often the handler gets a turn of the event loop and some virtual time, before a packet counts as forgotten. */
const PATIENCE = 50;
const STEP = 100 * MSEC;

/**
 * What every handler of an NF_QUEUE has to do, as tests: it answers every packet, does not fail at one, writes only what is
 * its to write and keeps nothing, and what it lets go on is a packet; it registers nothing and calls no sockets before it has
 * waited for anything; it goes with its host, whatever waits.
 *
 * ```ts
 * queueContract('shout', shout, { queue: 1 });
 * ```
 *
 * @param make - the plugin that serves the queue, new for each test
 */
export function queueContract(name: string, make: () => Plugin, options: QueueContractOptions): void {
  const { queue, packets = [] } = options;
  const all = [...samples, ...packets];
  describe(`the queue handler ${name}`, () => {
    test(`serves queue ${queue} while its host is open`, async () => {
      const { host, nf } = await bench(make, options);
      expect(nf.handlers.has(queue), `attach has to serve queue ${queue}: userQueue or queueHandler`).toBe(true);
      host.close();
      expect(nf.handlers.has(queue), 'attach has to return an undo that closes the queue').toBe(false);
    });

    test.each(layouts)('answers every packet, %s', async (layout) => {
      const at = await bench(make, options);
      for (const sample of all) at.send(sample, layout);
      await at.settle();
      expect(at.faults, at.faults.join('; ')).toEqual([]);
      const forgotten = `${at.nf.queued.size} of ${all.length} packets got no answer: each needs one`;
      expect(at.nf.queued.size, forgotten).toBe(0);
      expect(at.broken, at.broken.join('; ')).toEqual([]);
      expect(at.clonesChanged(), 'it wrote into a packet that is shared: call skbEnsureWritable first').toEqual([]);
    });

    test('keeps no packet when the host closes', async () => {
      const at = await bench(make, options);
      for (const sample of all) at.send(sample, 'in one piece');
      at.host.close();
      await at.settle();
      expect(at.nf.queued.size).toBe(0); // the leak check of the test host says who holds what
    });

    test('answers a second batch as well as the first', async () => {
      const at = await bench(make, options);
      for (let batch = 0; batch < 2; batch++) {
        for (const sample of all) at.send(sample, 'in one piece');
        await at.settle();
      }
      expect(at.nf.queued.size, 'packets of the second batch got no answer').toBe(0);
      expect(at.nf.handlers.has(queue), 'it serves no more after the first packets').toBe(true);
    });
  });
}

interface Bench {
  readonly lab: Machine;
  readonly host: Container;
  readonly nf: Netfilter;
  /** What the handler failed at. */
  readonly faults: string[];
  /** What was wrong about packets that went on. */
  readonly broken: string[];
  send(sample: Sample, layout: Layout): void;
  settle(): Promise<void>;
  /** Names of packets whose clones do not have the bytes of before; frees the clones. */
  clonesChanged(): string[];
}

async function bench(make: () => Plugin, { queue, needs = [] }: QueueContractOptions): Promise<Bench> {
  const { NF_HOOK, NF_INET_FORWARD, NF_QUEUE_NR, NetfilterHooks, netfilter } = await import('@stack/netfilter');
  const lab = machine();
  const plugin = make();
  // A fault of what answers later has nobody to be thrown at: it is noted instead.
  const host = testHost(lab, 'alice', [netfilter(), ...needs, plugin], { strict: false });
  const faults: string[] = [];
  host.faults.listen(({ name, error }) => {
    faults.push(`${name} of ${plugin.name} failed: ${error instanceof Error ? error.message : String(error)}`);
  });
  const nf = host.get(NetfilterHooks);
  nf.register({ name: 'queue contract', hook: NF_INET_FORWARD, priority: 0, fn: () => NF_QUEUE_NR(queue) });
  const path = await PacketPath.of(host);
  const broken: string[] = [];
  const clones: [string, SkBuff, Uint8Array][] = [];
  const end = (skb: SkBuff): number => {
    if (ip.totalLength(skb) !== skb.len) broken.push(`its header says ${ip.totalLength(skb)} bytes, it has ${skb.len}`);
    if (!ip.checkIsRight(skb)) broken.push('the checksum of its header is wrong: call ip.sendCheck after writing');
    if (skb.users > 1) broken.push('it keeps a packet that goes on: take what is needed of it, and let it go');
    skb.consume();
    return 0;
  };
  return {
    lab,
    host,
    nf,
    faults,
    broken,
    send([what, frame], layout) {
      const skb = samplePacket(host.get(Skbs), frame, layout, (whole) => {
        const clone = skbClone(whole);
        clones.push([what, clone, bytesOf(clone)]);
      });
      path.watch(`the queue handler of ${plugin.name}`, what, () => NF_HOOK(nf, NF_INET_FORWARD, skb, null, null, end));
    },
    async settle() {
      for (let i = 0; i < PATIENCE; i++) {
        await new Promise((resolve) => setImmediate(resolve));
        lab.clock.runFor(STEP);
      }
    },
    clonesChanged() {
      const changed = clones.filter(([, clone, before]) => bytesOf(clone).some((byte, i) => byte !== before[i]));
      for (const [, clone] of clones.splice(0)) clone.consume();
      return changed.map(([what]) => what);
    },
  };
}

function bytesOf(skb: SkBuff): Uint8Array {
  const bytes = new Uint8Array(skb.len);
  skbCopyToBytes(skb, 0, bytes, 0, skb.len);
  return bytes;
}
