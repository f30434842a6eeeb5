import type { Plugin } from '@stack/plugin';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Machine } from '../machine.ts';
import { DriverBench, type DriverWire } from './driver-bench.ts';

export interface DriverContractOptions {
  /** Plugins that it needs besides netdev(): a bus, say. */
  readonly needs?: () => readonly Plugin[];
  /** Frames of the burst in each direction; 300 unless given. A driver may lose some of them, if it counts them. */
  readonly burst?: number;
}

/** As short and as long as a frame may be, without VLAN tag and FCS. */
const SIZES = [14, 60, 61, 64, 128, 255, 256, 257, 590, 1000, 1513, 1514];

/**
 * What every network driver has to do, as tests: frames pass both ways unchanged and in order, go up in softirq context
 * within the budgets, are counted, and nothing is left when the device closes.
 *
 * ```ts
 * driverContract('port', ({ clock }) => portWire(clock));
 * ```
 *
 * @param make - a device and the other end of its wire, new for each test
 */
export function driverContract(
  name: string,
  make: (lab: Machine) => DriverWire,
  { needs = () => [], burst = 300 }: DriverContractOptions = {},
): void {
  const set = async (): Promise<DriverBench> => {
    const bench = await DriverBench.make(make, needs());
    onTestFinished(() => bench.close());
    expect(await bench.open(), 'open() has to answer 0').toBe(0);
    return bench;
  };
  describe(`the driver ${name}`, () => {
    test('registers a device that can be used', async () => {
      const { dev } = await set();
      expect(dev.name, 'the device takes the name that it is given').toBe('eth0');
      expect(dev.ifindex, 'call registerNetdevice').toBeGreaterThan(0);
      const [first = 1] = dev.devAddr;
      expect(first & 1, 'a device has an address of its own, no group').toBe(0);
      expect(
        dev.devAddr.some((byte) => byte !== 0),
        'the device has no address',
      ).toBe(true);
      expect(dev.mtu).toBeGreaterThanOrEqual(dev.minMtu);
      expect(dev.mtu).toBeLessThanOrEqual(dev.maxMtu);
      expect(dev.isUp && dev.carrier, 'the device is up and has a carrier').toBe(true);
      expect(dev.queues[0]!.stopped, 'open() has to start the queue').toBe(false);
    });

    test.each(SIZES)('sends a frame of %i bytes as it is', async (length) => {
      const bench = await set();
      const frame = bench.frame(length);
      const ready = bench.pool.live; // buffers for frames to come
      bench.send(frame);
      await bench.settle();
      expect(bench.wire.sent).toHaveLength(1);
      expect(unpadded(bench.wire.sent[0]!, length)).toEqual(frame);
      expect(bench.pool.live, 'the driver frees a packet once it is sent').toBe(ready);
    });

    test.each(SIZES)('takes a frame of %i bytes up as it is', async (length) => {
      const bench = await set();
      const frame = bench.frame(length);
      bench.wire.deliver(frame);
      await bench.settle();
      expect(bench.arrived).toHaveLength(1);
      const [{ bytes, dev, context }] = bench.arrived as [(typeof bench.arrived)[number]];
      expect(unpadded(bytes, length - 14)).toEqual(frame.subarray(14));
      expect(dev).toBe(bench.dev);
      expect(context, 'packets go up in softirq context: by NAPI, or netifRx').toMatch(/softirq/);
    });

    test('takes nothing from a frame that it was only lent', async () => {
      const bench = await set();
      const frame = bench.frame(200);
      const original = frame.slice();
      bench.wire.deliver(frame);
      frame.fill(0xee);
      await bench.settle();
      expect(bench.arrived[0]?.bytes.subarray(0, 186), 'copy what you keep').toEqual(original.subarray(14));
    });

    test('sends a packet whose bytes lie in fragments', async () => {
      const bench = await set();
      const frame = bench.frame(1000);
      bench.send(frame, true);
      await bench.settle();
      expect(bench.wire.sent[0], 'without NETIF_F_SG packets come linear; with it, all fragments count').toEqual(frame);
    });

    test('tells when it sends a packet, once', async () => {
      const bench = await set();
      const told: number[] = [];
      bench.send(bench.frame(100), false, { protocol: 17, tstampTx: (_skb, which) => void told.push(which) });
      await bench.settle();
      expect(told, 'call skbTxTimestamp for what the device takes, before the packet is freed').toEqual([0]);
    });

    test('keeps a burst in order, and counts what it loses', async () => {
      const bench = await set();
      const { dev } = bench;
      for (let i = 0; i < burst; i++) bench.send(bench.frame(64 + (i % 900), i));
      await bench.settle();
      for (let i = 0; i < burst; i++) bench.wire.deliver(bench.frame(64 + (i % 900), i));
      await bench.settle();
      const out = inOrder(
        bench.wire.sent.map((frame) => frame.subarray(14)),
        bench,
        burst,
      );
      const back = inOrder(
        bench.arrived.map(({ bytes }) => bytes),
        bench,
        burst,
      );
      expect([out.inOrder, back.inOrder], 'frames changed places, or are no frames of ours').toEqual([true, true]);
      const { stats } = dev;
      expect(out.count + stats.txDropped + stats.txErrors + queueDrops(bench), 'a frame vanished on its way out').toBe(
        burst,
      );
      const lost = stats.rxDropped + stats.rxErrors + stats.rxMissed + bench.core.softnet.dropped;
      expect(back.count + lost, 'a frame vanished on its way in').toBeGreaterThanOrEqual(burst);
      expect(bench.polls).toEqual([]);
    });

    test('counts packets and bytes both ways', async () => {
      const bench = await set();
      for (const length of [64, 500, 1514]) {
        bench.send(bench.frame(length));
        bench.wire.deliver(bench.frame(length));
      }
      await bench.settle();
      await bench.lab.clock.runFor(5e9); // some drivers read their chip's counters now and then
      const { rxPackets, txPackets, rxBytes, txBytes } = bench.dev.stats;
      expect({ rxPackets, txPackets }).toEqual({ rxPackets: 3, txPackets: 3 });
      expect(rxBytes).toBeGreaterThanOrEqual(2036);
      expect(txBytes).toBeGreaterThanOrEqual(2036);
    });

    test('sends and takes nothing while it is closed, and everything again once it is open', async () => {
      const bench = await set();
      await bench.shut();
      bench.wire.deliver(bench.frame(100));
      bench.send(bench.frame(100));
      await bench.settle();
      expect([bench.arrived.length, bench.wire.sent.length]).toEqual([0, 0]);
      for (let i = 0; i < 3; i++) {
        expect(await bench.open()).toBe(0);
        bench.wire.deliver(bench.frame(100));
        bench.send(bench.frame(100));
        await bench.settle();
        expect([bench.arrived.length, bench.wire.sent.length]).toEqual([i + 1, i + 1]);
        await bench.shut();
      }
    });

    test('leaves nothing behind when it closes in the middle of a burst', async () => {
      const bench = await set();
      for (let i = 0; i < burst; i++) {
        bench.send(bench.frame(200));
        bench.wire.deliver(bench.frame(200));
      }
      await bench.shut();
      bench.close(); // then the test host looks for buffers, the machine for memory and timers
      await bench.settle();
    });
  });
}

/** Ethernet pads to 60 bytes; some drivers do so themselves. */
function unpadded(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.length > length && bytes.length <= 60 ? bytes.subarray(0, length) : bytes;
}

function queueDrops({ dev }: DriverBench): number {
  return dev.queues.reduce((sum, { qdisc }) => sum + (qdisc?.drops ?? 0), 0);
}

/** Whether frames are those of the burst, in their order, with gaps perhaps. */
function inOrder(found: readonly Uint8Array[], bench: DriverBench, burst: number): { inOrder: boolean; count: number } {
  let at = 0;
  for (const bytes of found) {
    while (at < burst && !same(bytes, bench.frame(64 + (at % 900), at).subarray(14))) at++;
    if (at === burst) return { inOrder: false, count: found.length };
    at++;
  }
  return { inOrder: true, count: found.length };
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length >= b.length && b.every((byte, i) => byte === a[i]);
}
