import type { NetdevQueue, Qdisc } from '@stack/netdev';
import type { Plugin } from '@stack/plugin';
import { DropReason, dropReasonName, type SkBuff } from '@stack/skb';
import { describe, expect, test } from 'vitest';
import { bytesPerCall } from '../allocation.ts';
import { PacketPath } from './packet-path.ts';
import { QdiscBench } from './qdisc-bench.ts';
import { parentFor } from './qdisc-parent.ts';

export interface QdiscContractOptions {
  /** As `tc` calls it. */
  readonly name: string;
  /** A new one for a queue, with room for at least 64 packets of 1514 bytes. */
  readonly create: (queue: NetdevQueue) => Qdisc;
  /** Plugins that it needs besides netdev(). */
  readonly needs?: readonly Plugin[];
  /** How many packets may wait at most, or bytes. */
  readonly limit?: { readonly packets: number } | { readonly bytes: number };
}

const SEEDS = [1, 2];
const FEW = 64;

/**
 * What every queueing discipline has to do, as tests: no packet is lost, given twice or kept; what it counts is true, for
 * itself and for a discipline above; the next packet is the one that peek showed; reset empties it; limits hold; nothing
 * is done that may sleep, nor asked of any clock but the host's; packets allocate nothing.
 *
 * ```ts
 * qdiscContract({ name: 'lifo', create: (queue) => new Lifo(queue), limit: { packets: 100 } });
 * ```
 */
export function qdiscContract(options: QdiscContractOptions): void {
  const { name, needs = [] } = options;
  const make = (seed?: number, strict?: boolean): Promise<QdiscBench> =>
    QdiscBench.make(options.create, needs, seed, strict);
  describe(`the qdisc ${name}`, () => {
    test('has its name, and is empty when new', async () => {
      const at = await make();
      expect(at.qdisc.kind, 'kind is what users ask for').toBe(name);
      expect(at.qdisc.dequeue(), 'a new one has no packets').toBeNull();
      expect(at.qdisc.peek(), 'a new one has no packets').toBeNull();
      expect(at.miscounted()).toBeNull();
      at.end();
    });

    test('gives every packet that it took once, in the order of each flow', async () => {
      const at = await make();
      for (let i = 0; i < FEW; i++) at.put();
      const inside = at.inside.size;
      expect(inside, 'it refused packets although it is far from full').toBe(FEW);
      expect(at.drain(), 'what was enqueued has to come out').toBe(inside);
      expect(at.inside.size, 'packets vanished').toBe(0);
      at.end();
    });

    test.each(SEEDS)('counts what waits, whatever happens (seed %i)', async (seed) => {
      const at = await make(seed);
      for (let i = 0; i < 2_000; i++) {
        const wrong = act(at) ?? at.miscounted();
        if (wrong !== null) expect.fail(`${wrong}, after ${i + 1} steps: use enqueued, dequeued and drop`);
      }
      expect(at.taken, 'nothing was tested').toBeGreaterThan(500);
      at.end();
    });

    test.each(SEEDS)('keeps a discipline above in the picture (seed %i)', async (seed) => {
      const at = await make(seed);
      const above = await parentFor(at.qdisc);
      for (let i = 0; i < 2_000; i++) {
        act(at, above);
        const { qlen, backlog } = at.qdisc;
        if (above.qlen === qlen && above.backlog === backlog) continue;
        const counted = `above are ${above.qlen} packets of ${above.backlog} bytes, here ${qlen} of ${backlog}`;
        expect.fail(`${counted}, after ${i + 1} steps: answer as told, treeReduceBacklog for what vanishes otherwise`);
      }
      at.end();
    });

    test.each(SEEDS)('peek shows the next packet and takes nothing (seed %i)', async (seed) => {
      const at = await make(seed);
      for (let i = 0; i < 1_000; i++) {
        for (let more = at.qdisc.qlen < 10 ? 2 : at.lab.random.below(2); more > 0; more--) at.put();
        const first = at.qdisc.peek();
        const { qlen } = at.qdisc;
        if (at.qdisc.peek() !== first) expect.fail('peek twice shows two packets');
        if (at.qdisc.qlen !== qlen) expect.fail('peek took a packet out, or dropped one that it had shown');
        const skb = at.take();
        if (skb !== first) expect.fail('dequeue does not give what peek showed');
        if (skb === null) at.wait();
        else expect(at.left(skb)).toBeNull();
      }
      at.end();
    });

    test('is empty after reset, for good, and then works as before', async () => {
      const at = await make();
      for (let i = 0; i < FEW; i++) at.put();
      at.qdisc.peek();
      at.dropped.length = 0;
      at.qdisc.reset();
      expect(at.inside.size, 'reset kept packets').toBe(0);
      expect(at.miscounted(), 'reset sets both to 0').toBeNull();
      expect([...new Set(at.dropped.map(dropReasonName))], 'of reset').toEqual(['QUEUE_PURGE']);
      at.wait();
      expect(at.take(), 'dequeue after reset gave a packet').toBeNull();
      for (let i = 0; i < 10; i++) at.put();
      expect(at.drain(), 'after reset it has to work again').toBe(10);
      at.end();
    });

    test('does on the packet path only what may be done there', async () => {
      const at = await make();
      const { qdisc } = at;
      const path = await PacketPath.of(at.host);
      const watch = <T>(call: string, act: () => T): T => path.watch(`the qdisc ${name}`, call, act);
      const watched = {
        enqueue: (skb: SkBuff) => watch('enqueue', () => qdisc.enqueue(skb)),
        dequeue: () => watch('dequeue', () => qdisc.dequeue()),
        peek: () => watch('peek', () => qdisc.peek()),
      };
      for (let i = 0; i < 500; i++) {
        act(at, watched);
        watch('a timer', () => at.wait());
      }
      expect(at.device.transmitted, 'it gave packets to the device: dequeue hands them out').toBe(0);
      at.end();
    });

    test('counts what it sent and what it dropped', async () => {
      const at = await make();
      let bytes = 0;
      let packets = 0;
      for (let i = 0; i < 300; i++) {
        at.put();
        const skb = i % 3 === 0 ? at.take() : null;
        if (skb === null) continue;
        packets++;
        bytes += skb.len;
        at.left(skb);
      }
      expect({ packets: at.qdisc.packets, bytes: at.qdisc.bytes }, 'dequeued() counts').toEqual({ packets, bytes });
      expect(at.qdisc.drops, 'drop() counts').toBe(at.dropped.length);
      expect(at.dropped, 'say why').not.toContain(DropReason.NOT_SPECIFIED);
      at.end();
    });

    test.skipIf(options.limit === undefined)('lets no more wait than its limit says', async () => {
      const at = await make();
      const packets = options.limit !== undefined && 'packets' in options.limit ? options.limit.packets : Infinity;
      const bytes = options.limit !== undefined && 'bytes' in options.limit ? options.limit.bytes : Infinity;
      const sent = Math.min(3 * packets, Math.ceil((3 * bytes) / 1000), 40_000);
      for (let i = 0; i < sent; i++) {
        at.put(at.packet(1000, i % 16));
        const { qlen, backlog } = at.qdisc;
        if (qlen > packets || backlog > bytes) expect.fail(`${qlen} packets of ${backlog} bytes wait: above the limit`);
      }
      expect(at.dropped.length, 'three times the limit was sent').toBeGreaterThan(0);
      at.end();
    });

    test('has no timer after destroy', async () => {
      const at = await make();
      for (let i = 0; i < FEW; i++) at.put();
      for (let i = 0; i < FEW; i++) {
        const skb = at.take();
        if (skb !== null) at.left(skb);
      }
      at.end();
      expect(at.lab.clock.timers.size, 'destroy lets go of timers').toBe(0);
    });

    test('allocates nothing for a packet', async () => {
      const at = await make(1, false);
      const { qdisc, lab } = at;
      const idle = Array.from({ length: 8 }, () => at.packet(1000, 3));
      const time = bytesPerCall(() => lab.clock.runFor(STEP_OF_TIME));
      let [passed, dropped] = [0, 0];
      at.pool.onDrop = () => void dropped++;
      const each = bytesPerCall(() => {
        lab.clock.runFor(STEP_OF_TIME);
        if (idle.length > 0 && dropped === 0) qdisc.enqueue(idle.pop()!);
        const skb = qdisc.dequeue();
        if (skb === null) return;
        idle.push(skb);
        passed++;
      });
      for (const skb of idle) skb.consume();
      expect([dropped, passed > 1000], 'it dropped a few slow packets, or kept them: nothing was measured').toEqual([
        0,
        true,
      ]);
      const own = each - time;
      expect(own, `it leaves ${Math.round(own)} bytes of garbage for each packet`).toBeLessThan(A_FEW_NUMBERS);
      at.end();
    });
  });
}

/** The engine boxes a number now and then; the smallest object with a field is larger. */
const A_FEW_NUMBERS = 30;

/** Enough for any of the packets at 100 Mbit/s. */
const STEP_OF_TIME = 200_000;

/** One step at random: packets come, leave, are looked at, or time passes. Says what is wrong, or null. */
function act(at: QdiscBench, qdisc: Pick<Qdisc, 'enqueue' | 'dequeue' | 'peek'> = at.qdisc): string | null {
  const drawn = at.lab.random.below(10);
  if (drawn < 5) {
    const skb = at.packet();
    at.inside.set(skb, skb.len);
    at.taken++;
    qdisc.enqueue(skb);
  } else if (drawn < 8) {
    const skb = qdisc.dequeue();
    if (skb !== null) return at.left(skb);
  } else if (drawn === 8) {
    qdisc.peek();
  } else {
    at.wait();
  }
  return null;
}
