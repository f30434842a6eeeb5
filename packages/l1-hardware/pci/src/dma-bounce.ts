import { StackError } from '@stack/plugin';
import type { Arena } from '@stack/memory';
import {
  DMA_FROM_DEVICE,
  DMA_MAPPING_ERROR,
  DMA_TO_DEVICE,
  type CoherentMemory,
  type DmaDirection,
  type DmaOps,
} from './dma.ts';
import type { DmaMemory } from './dma-memory.ts';
import { Slots } from './slots.ts';

const SLOT = 2048;

/**
 * The device reads and writes another memory than the host's arena, for example that of an emulated PC. Mapped bytes
 * are copied through a window of the device's memory that nobody else uses; rings live in the window.
 *
 * @kernel kernel/dma/swiotlb.c
 */
export class BounceDma implements DmaOps {
  readonly memory: DmaMemory;
  readonly #arena: Arena;
  readonly #start: number;
  readonly #slots: Slots;
  /** Where in the arena the bytes belong that were mapped to each slot. */
  readonly #origin: Int32Array;

  /** The window lies `start` bytes from the beginning of the device's memory; both are multiples of 2,048. */
  constructor(arena: Arena, memory: DmaMemory, start: number, length: number) {
    if (start % SLOT !== 0 || length % SLOT !== 0 || start < SLOT || start + length > memory.u8.length) {
      throw new StackError(
        'ERR_STACK_DMA_WINDOW',
        `${length} bytes at ${start} are no bounce window in ${memory.u8.length} bytes`,
        `give multiples of ${SLOT} inside of the memory, from ${SLOT} on`,
      );
    }
    this.memory = memory;
    this.#arena = arena;
    this.#start = start;
    this.#slots = new Slots(length / SLOT);
    this.#origin = new Int32Array(length / SLOT);
  }

  /** Slots of 2,048 bytes in use. */
  get live(): number {
    return this.#slots.live;
  }

  reachable(dma: number, length: number): boolean {
    return dma > 0 && dma + length <= this.memory.u8.length;
  }

  allocCoherent(size: number): CoherentMemory | null {
    const slot = this.#slots.take(slotsFor(size));
    if (slot < 0) return null;
    const { u8, view } = this.memory;
    const address = this.#start + slot * SLOT;
    return { u8, view, address, dma: address, size };
  }

  freeCoherent(memory: CoherentMemory): void {
    this.#slots.give(this.#slotOf(memory.dma), slotsFor(memory.size));
  }

  map(address: number, size: number, direction: DmaDirection): number {
    const slot = this.#slots.take(slotsFor(size));
    if (slot < 0) return DMA_MAPPING_ERROR;
    this.#origin[slot] = address;
    const dma = this.#start + slot * SLOT;
    this.syncForDevice(dma, size, direction);
    return dma;
  }

  unmap(dma: number, size: number, direction: DmaDirection): void {
    this.syncForCpu(dma, size, direction);
    this.#slots.give(this.#slotOf(dma), slotsFor(size));
  }

  syncForCpu(dma: number, size: number, direction: DmaDirection): void {
    if (direction === DMA_TO_DEVICE) return;
    this.#arena.u8.set(this.memory.u8.subarray(dma, dma + size), this.#origin[this.#slotOf(dma)]);
  }

  syncForDevice(dma: number, size: number, direction: DmaDirection): void {
    if (direction === DMA_FROM_DEVICE) return;
    const address = this.#origin[this.#slotOf(dma)];
    this.memory.u8.set(this.#arena.u8.subarray(address, address + size), dma);
  }

  #slotOf(dma: number): number {
    return (dma - this.#start) / SLOT;
  }
}

function slotsFor(size: number): number {
  return Math.ceil(size / SLOT);
}
