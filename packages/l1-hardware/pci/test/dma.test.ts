import {
  BounceDma,
  CheckingDma,
  DirectDma,
  DMA_BIDIRECTIONAL,
  DMA_FROM_DEVICE,
  DMA_TO_DEVICE,
  dmaAllocCoherent,
  dmaFreeCoherent,
  dmaMapPage,
  dmaMapSingle,
  dmaMappingError,
  dmaMemory,
  dmaSyncSingleForCpu,
  dmaSyncSingleForDevice,
  dmaUnmapPage,
  dmaUnmapSingle,
  skbFragDmaMap,
  type DmaOps,
} from '@stack/pci';
import type { Arena } from '@stack/memory';
import { describe, expect, test } from 'vitest';
import { machineBus } from './machine-bus.ts';
import { SampleChip } from './sample-chip.ts';

const WINDOW = 0x1_0000;
const kinds: Record<string, (arena: Arena) => DmaOps> = {
  direct: (arena) => new DirectDma(arena),
  bounce: (arena) => new BounceDma(arena, dmaMemory(new Uint8Array(0x2_0000)), WINDOW, 0x8000),
};

describe.each(Object.keys(kinds))('%s', (kind) => {
  const setUp = () => {
    const parts = machineBus();
    const dma = new CheckingDma(kinds[kind](parts.arena));
    const chip = new SampleChip();
    const pdev = parts.bus.plug(chip, { dma });
    return { ...parts, dma, pdev, device: chip.bus!.memory.u8 };
  };

  test('what the CPU wrote, the device reads', () => {
    const { arena, pdev, device, dma } = setUp();
    const block = arena.alloc(3000);
    arena.u8.fill(0x5a, block, block + 3000);
    const handle = dmaMapSingle(pdev, block, 3000, DMA_TO_DEVICE);
    expect(dmaMappingError(handle)).toBe(false);
    expect(device.slice(handle, handle + 3000)).toEqual(new Uint8Array(3000).fill(0x5a));
    dmaUnmapSingle(pdev, handle, 3000, DMA_TO_DEVICE);
    dma.check();
    arena.release(block);
  });

  test('what the device wrote, the CPU reads after a sync and after unmapping', () => {
    const { arena, pdev, device } = setUp();
    const block = arena.alloc(256);
    const handle = dmaMapPage(pdev, block, 16, 64, DMA_FROM_DEVICE);
    device.fill(1, handle, handle + 64);
    dmaSyncSingleForCpu(pdev, handle, 64, DMA_FROM_DEVICE);
    expect(arena.u8[block + 16 + 63]).toBe(1);
    dmaSyncSingleForDevice(pdev, handle, 64, DMA_FROM_DEVICE);
    device.fill(2, handle, handle + 64);
    dmaUnmapPage(pdev, handle, 64, DMA_FROM_DEVICE);
    expect(arena.u8[block + 16]).toBe(2);
    arena.release(block);
  });

  test('both ways', () => {
    const { arena, pdev, device } = setUp();
    const block = arena.alloc(256);
    arena.u8[block] = 3;
    const fragments = { fragAddress: () => block };
    const handle = skbFragDmaMap(pdev, fragments, 0, 0, 8, DMA_BIDIRECTIONAL);
    device[handle]++;
    dmaSyncSingleForCpu(pdev, handle, 8, DMA_BIDIRECTIONAL);
    expect(arena.u8[block]).toBe(4);
    arena.u8[block] = 9;
    dmaSyncSingleForDevice(pdev, handle, 8, DMA_BIDIRECTIONAL);
    expect(device[handle]).toBe(9);
    dmaUnmapSingle(pdev, handle, 8, DMA_BIDIRECTIONAL);
    arena.release(block);
  });

  test('coherent memory is zeroed, aligned, and seen by both at once', () => {
    const { pdev, device } = setUp();
    const ring = dmaAllocCoherent(pdev, 4096)!;
    expect(ring.dma % 256).toBe(0);
    expect(ring.u8.subarray(ring.address, ring.address + 4096).every((byte) => byte === 0)).toBe(true);
    ring.view.setInt32(ring.address + 8, 0x01020304, true);
    expect(device[ring.dma + 8]).toBe(4);
    device[ring.dma + 12] = 1;
    expect(ring.u8[ring.address + 12]).toBe(1);
    dmaFreeCoherent(pdev, ring);
  });
});

describe('a bounce window', () => {
  test('refuses when it is full, and has room again afterwards', () => {
    const { arena, bus } = machineBus();
    const bounce = new BounceDma(arena, dmaMemory(new Uint8Array(0x2_0000)), WINDOW, 4 * 2048);
    const pdev = bus.plug(new SampleChip(), { dma: bounce });
    const block = arena.alloc(8192);
    const all = [0, 1, 2].map((i) => dmaMapSingle(pdev, block + i * 2048, 2048, DMA_TO_DEVICE));
    expect(dmaMappingError(dmaMapSingle(pdev, block, 4096, DMA_TO_DEVICE))).toBe(true);
    expect(dmaAllocCoherent(pdev, 4096)).toBeNull();
    dmaUnmapSingle(pdev, all[2], 2048, DMA_TO_DEVICE);
    const large = dmaMapSingle(pdev, block, 4096, DMA_TO_DEVICE);
    expect(dmaMappingError(large)).toBe(false);
    expect(bounce.live).toBe(4);
    arena.release(block);
  });

  test('must lie inside of the memory', () => {
    const { arena } = machineBus();
    const memory = dmaMemory(new Uint8Array(0x1_0000));
    for (const [start, length] of [
      [0, 2048],
      [2048, 0x1_0000],
      [100, 2048],
      [2048, 100],
    ]) {
      expect(() => new BounceDma(arena, memory, start, length)).toThrow(
        expect.objectContaining({ code: 'ERR_STACK_DMA_WINDOW' }),
      );
    }
  });

  test('memory may begin anywhere in its buffer', () => {
    const buffer = new Uint8Array(1024).fill(0xff);
    const memory = dmaMemory(buffer.subarray(101, 901));
    memory.u8.set([0x12, 0x34, 0x56], 0);
    expect(memory.view.getUint16(0)).toBe(0x1234);
    expect(memory.kernels.checksum(0, 2, 0)).toBe(0x1234);
    expect(memory.kernels.copyAndChecksum(10, 0, 2, 0)).toBe(0x1234);
    expect(memory.view.getUint16(10)).toBe(0x1234);
    expect(() => dmaMemory(new Uint8Array(5))).toThrow(expect.objectContaining({ code: 'ERR_STACK_DMA_MEMORY' }));
  });
});

describe('the checks', () => {
  const setUp = () => {
    const { arena, bus } = machineBus();
    const dma = new CheckingDma(new DirectDma(arena));
    const chip = new SampleChip();
    const pdev = bus.plug(chip, { dma });
    const block = arena.alloc(2048);
    return { arena, dma, pdev, block, port: chip.bus! };
  };
  const wrong = expect.objectContaining({ code: 'ERR_STACK_DMA' });

  test('a device that reaches what is not mapped is found', () => {
    const { arena, pdev, block, port } = setUp();
    expect(() => port.reachable(block, 4, false)).toThrow(wrong);
    const handle = dmaMapSingle(pdev, block, 100, DMA_TO_DEVICE);
    expect(port.reachable(handle, 100, false)).toBe(true);
    expect(() => port.reachable(handle, 101, false)).toThrow(wrong);
    expect(() => port.reachable(handle, 100, true)).toThrow(wrong);
    dmaUnmapSingle(pdev, handle, 100, DMA_TO_DEVICE);
    expect(() => port.reachable(handle, 100, false)).toThrow(wrong);
    arena.release(block);
  });

  test('a mapping is given back once, as it was taken', () => {
    const { arena, dma, pdev, block } = setUp();
    const handle = dmaMapSingle(pdev, block, 100, DMA_TO_DEVICE);
    expect(() => dmaUnmapSingle(pdev, handle, 99, DMA_TO_DEVICE)).toThrow(wrong);
    expect(() => dmaUnmapSingle(pdev, handle, 100, DMA_FROM_DEVICE)).toThrow(wrong);
    expect(() => dma.check()).toThrow(wrong);
    dmaUnmapSingle(pdev, handle, 100, DMA_TO_DEVICE);
    expect(() => dmaUnmapSingle(pdev, handle, 100, DMA_TO_DEVICE)).toThrow(wrong);
    expect(() => dmaSyncSingleForCpu(pdev, handle, 1, DMA_FROM_DEVICE)).toThrow(wrong);
    dma.check();
    arena.release(block);
  });

  test('the same bytes may be mapped twice, as a clone’s are', () => {
    const { arena, dma, pdev, block } = setUp();
    const [a, b] = [dmaMapSingle(pdev, block, 64, DMA_TO_DEVICE), dmaMapSingle(pdev, block, 64, DMA_TO_DEVICE)];
    dmaUnmapSingle(pdev, a, 64, DMA_TO_DEVICE);
    expect(dma.live).toBe(1);
    dmaUnmapSingle(pdev, b, 64, DMA_TO_DEVICE);
    dma.check();
    arena.release(block);
  });
});
