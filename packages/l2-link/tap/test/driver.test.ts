import {
  allocEtherdev,
  devClose,
  devOpen,
  devQueueXmit,
  NetCore,
  netdev,
  NETDEV_TX_BUSY,
  NETDEV_TX_OK,
  NETIF_F_FRAGLIST,
  NETIF_F_SG,
  PacketTypes,
  registerNetdevice,
} from '@stack/netdev';
import { openSync } from 'node:fs';
import { EIO } from '@stack/plugin';
import { DropReason, SIZEOF_SHARED_INFO, skbCopyToBytes, type SkBuff } from '@stack/skb';
import { ethernetFrame, machine, testHost } from '@stack/testing';
import { describe, expect, test } from 'vitest';
import { createTap } from '../src/index.ts';
import { POLLIN, POLLOUT } from '../src/poller.ts';
import { TapDriver } from '../src/tap-driver.ts';
import { VNET_HEADER } from '../src/vnet-header.ts';
import { FakeKernel } from './fake-kernel.ts';

const READABLE = 0;
const WRITABLE = 1;
const TYPE = 0x88b5; // for experiments
const EBADFD = 77;
/** A head of 2 KB, less what the shared info takes. */
const HEAD = 2048 - SIZEOF_SHARED_INFO;

/** A host with a TAP device whose kernel is a fake. */
function plugged(size?: number) {
  const lab = machine({ size });
  const kernel = new FakeKernel();
  const host = testHost(lab, 'alice', [netdev()]);
  const core = host.get(NetCore);
  const dev = allocEtherdev('tap0', {
    open: () => driver.open(),
    stop: () => driver.stop(),
    startXmit: (skb) => driver.startXmit(skb),
  });
  const parts = { libc: kernel, poller: kernel, pool: core.pool, cpus: core.cpus };
  const driver = new TapDriver(parts, openSync('/dev/null', 'r'), dev);
  dev.txQueueLen = 0;
  dev.features = dev.hwFeatures = NETIF_F_SG | NETIF_F_FRAGLIST;
  registerNetdevice(core, dev);
  devOpen(dev);
  const got: { bytes: Uint8Array; headlen: number; truesize: number }[] = [];
  host.get(PacketTypes).add({
    name: 'test',
    type: TYPE,
    dev: null,
    func(skb) {
      const bytes = new Uint8Array(skb.len);
      skbCopyToBytes(skb, 0, bytes, 0, skb.len);
      got.push({ bytes, headlen: skb.headlen, truesize: skb.truesize });
      skb.consume();
      return 0;
    },
  });
  const wake = (): void => {
    kernel.ready(READABLE);
    lab.clock.drain();
  };
  const skbOf = (frame: Uint8Array): SkBuff => {
    const skb = core.pool.alloc(frame.length)!;
    skb.arena.u8.set(frame, skb.put(frame.length));
    skb.dev = dev;
    return skb;
  };
  return { ...lab, host, core, kernel, dev, driver, got, wake, skbOf, unplug: () => (devClose(dev), driver.close()) };
}

const payload = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i % 251);
const frameOf = (length: number): Uint8Array => ethernetFrame(TYPE, payload(length));

describe('receiving', () => {
  test('one frame: it lies in the head, and the kernel is asked to wake us again', () => {
    const { kernel, dev, got, wake, unplug } = plugged();
    expect(kernel.armed[READABLE]).toBe(POLLIN);
    kernel.send(frameOf(1500));
    wake();
    expect(got).toMatchObject([{ bytes: payload(1500), headlen: 1500 }]);
    expect(dev.stats).toMatchObject({ rxPackets: 1, rxBytes: 1514 });
    expect(kernel.armed[READABLE]).toBe(POLLIN);
    expect(kernel.emptyReads).toBe(2); // the second one for answers that might be there already
    unplug();
  });

  test.each([10_000, 60_000])('a frame of %i bytes: what the head cannot hold lies in a fragment', (length) => {
    const { kernel, got, wake, unplug } = plugged();
    kernel.send(frameOf(length));
    kernel.send(frameOf(length - 1));
    wake();
    expect(got.map(({ bytes }) => bytes)).toEqual([payload(length), payload(length - 1)]);
    expect(got[0].headlen).toBeLessThan(2048);
    expect(got[0].truesize).toBeLessThan(2.2 * length);
    unplug();
  });

  test('as many frames as there are, in their order, and no more in a poll than the budget', () => {
    const { kernel, dev, got, wake, unplug } = plugged();
    for (let i = 0; i < 500; i++) kernel.send(ethernetFrame(TYPE, Uint8Array.of(i >> 8, i)));
    wake();
    expect(got.map(({ bytes }) => (bytes[0] << 8) | bytes[1])).toEqual(Array.from({ length: 500 }, (_, i) => i));
    expect(dev.napis[0].polls).toBeGreaterThan(500 / 64);
    unplug();
  });

  test('what cannot be true is dropped and counted', () => {
    const { core, kernel, dev, got, wake, unplug } = plugged();
    kernel.send(frameOf(100), [1, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0]);
    kernel.send(new Uint8Array(13));
    wake();
    expect(got).toEqual([]);
    expect(dev.stats.rxDropped).toBe(2);
    expect(core.pool.drops[DropReason.DEV_HDR]).toBe(2);
    unplug();
  });

  test('without memory frames are lost, counted, and do not block those that follow', () => {
    const { arena, kernel, dev, got, wake, unplug } = plugged(2 * 65_536);
    const taken: number[] = [];
    for (let block = arena.alloc(HEAD); block !== 0; block = arena.alloc(HEAD)) taken.push(block);
    for (let i = 0; i < 3; i++) kernel.send(frameOf(100));
    wake();
    expect([dev.stats.rxDropped, dev.stats.rxPackets]).toEqual([3, 0]);
    taken.splice(0, 2).forEach((block) => arena.release(block));
    kernel.send(frameOf(10_000)); // still no page for it
    kernel.send(frameOf(100));
    wake();
    expect(got.map(({ bytes }) => bytes.length)).toEqual([100]);
    expect(dev.stats.rxDropped).toBe(4);
    taken.forEach((block) => arena.release(block));
    unplug();
  });

  test('when the kernel’s end is gone, there is no carrier any more', () => {
    const { kernel, dev, wake, unplug } = plugged();
    kernel.readErrno = EBADFD;
    wake();
    expect([dev.carrier, kernel.armed[READABLE]]).toEqual([false, 0]);
    unplug();
  });
});

describe('sending', () => {
  test('gathers the fragments into one frame', () => {
    const { arena, kernel, dev, skbOf, unplug } = plugged();
    const frame = frameOf(3000);
    const skb = skbOf(frame.subarray(0, 1000));
    const block = arena.alloc(4096);
    arena.u8.set(frame.subarray(1000), block);
    skb.addFrag(block, 0, 2014, 4096);
    devQueueXmit(skb);
    expect(kernel.written.map((whole) => whole.subarray(VNET_HEADER))).toEqual([frame]);
    expect(dev.stats).toMatchObject({ txPackets: 1, txBytes: 3014 });
    unplug();
  });

  test('gathers a packet that GRO has put together', () => {
    const { arena, kernel, skbOf, unplug } = plugged();
    const frame = frameOf(3000);
    const skb = skbOf(frame.subarray(0, 1000));
    skb.shinfo.fragList = skbOf(frame.subarray(1000, 1800));
    skb.shinfo.fragList.next = skbOf(frame.subarray(1800));
    skb.len += 2014;
    skb.dataLen += 2014;
    const live = arena.live;
    devQueueXmit(skb);
    expect(kernel.written.map((whole) => whole.subarray(VNET_HEADER))).toEqual([frame]);
    expect(arena.live).toBe(live - 3);
    unplug();
  });

  test('looks for an answer right away', () => {
    const { clock, kernel, got, skbOf, unplug } = plugged();
    devQueueXmit(skbOf(frameOf(10)));
    kernel.send(frameOf(20));
    clock.drain();
    expect(got.map(({ bytes }) => bytes)).toEqual([payload(20)]);
    unplug();
  });

  test('waits while the kernel is full, with the packet that was refused', () => {
    const { kernel, dev, driver, skbOf, unplug } = plugged();
    kernel.writeErrno = 11;
    const skb = skbOf(frameOf(10));
    expect(driver.startXmit(skb)).toBe(NETDEV_TX_BUSY);
    expect([dev.queues[0].stopped, kernel.armed[WRITABLE]]).toEqual([true, POLLOUT]);
    kernel.writeErrno = 0;
    kernel.ready(WRITABLE);
    expect(dev.queues[0].stopped).toBe(false);
    expect(driver.startXmit(skb)).toBe(NETDEV_TX_OK);
    expect(kernel.written.length).toBe(1);
    unplug();
  });

  test('what the kernel refuses for good is dropped and counted', () => {
    const { core, kernel, dev, driver, skbOf, unplug } = plugged();
    kernel.writeErrno = EIO;
    expect(driver.startXmit(skbOf(frameOf(10)))).toBe(NETDEV_TX_OK);
    expect(dev.stats).toMatchObject({ txPackets: 0, txDropped: 1 });
    expect(core.pool.drops[DropReason.DEV_READY]).toBe(1);
    unplug();
  });
});

test('a device that is closed waits for nothing', () => {
  const { kernel, dev, unplug } = plugged();
  devClose(dev);
  expect(kernel.armed).toEqual([0, 0]);
  devOpen(dev);
  expect(kernel.armed).toEqual([POLLIN, 0]);
  unplug();
  expect(kernel.armed).toEqual([-1, -1]);
});

test('a virtual clock is refused', () => {
  const host = testHost(machine(), 'alice', [netdev()]);
  expect(() => createTap(host, { name: 'tap0' })).toThrow(expect.objectContaining({ code: 'ERR_STACK_TAP_CLOCK' }));
});
