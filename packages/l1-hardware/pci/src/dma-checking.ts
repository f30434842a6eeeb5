import { StackError } from '@stack/plugin';
import { DMA_FROM_DEVICE, DMA_MAPPING_ERROR, DMA_TO_DEVICE, type CoherentMemory } from './dma.ts';
import type { DmaDirection, DmaOps } from './dma.ts';
import type { DmaMemory } from './dma-memory.ts';

/** Coherent memory has no direction. */
const COHERENT = -1;

interface Mapping {
  readonly dma: number;
  readonly size: number;
  readonly direction: DmaDirection | typeof COHERENT;
}

/**
 * For tests: what a driver or a chip does wrong with DMA throws `ERR_STACK_DMA` at once. A device reaches only what is
 * mapped, in the direction it was mapped for; a mapping is given back as it was taken; {@link check} finds those that
 * were not. The same bytes may be mapped several times.
 *
 * @kernel kernel/dma/debug.c
 */
export class CheckingDma implements DmaOps {
  readonly #inner: DmaOps;
  readonly #mappings = new Set<Mapping>();

  constructor(inner: DmaOps) {
    this.#inner = inner;
  }

  get memory(): DmaMemory {
    return this.#inner.memory;
  }

  /** Mappings and coherent blocks alive. */
  get live(): number {
    return this.#mappings.size;
  }

  /** Throws when something is still mapped. */
  check(): void {
    for (const { dma, size } of this.#mappings) wrong(`${size} bytes at ${dma} are still mapped`, 'unmap them');
  }

  reachable(dma: number, length: number, write: boolean): boolean {
    const forbidden = write ? DMA_TO_DEVICE : DMA_FROM_DEVICE;
    for (const mapping of this.#mappings) {
      if (covers(mapping, dma, length) && mapping.direction !== forbidden) return true;
    }
    const what = write ? 'writes' : 'reads';
    return wrong(`the device ${what} ${length} bytes at ${dma}, not mapped for that`, 'stop it before unmapping');
  }

  allocCoherent(size: number): CoherentMemory | null {
    const memory = this.#inner.allocCoherent(size);
    if (memory !== null) this.#mappings.add({ dma: memory.dma, size, direction: COHERENT });
    return memory;
  }

  freeCoherent(memory: CoherentMemory): void {
    this.#forget(memory.dma, memory.size, COHERENT);
    this.#inner.freeCoherent(memory);
  }

  map(address: number, size: number, direction: DmaDirection): number {
    const dma = this.#inner.map(address, size, direction);
    if (dma !== DMA_MAPPING_ERROR) this.#mappings.add({ dma, size, direction });
    return dma;
  }

  unmap(dma: number, size: number, direction: DmaDirection): void {
    this.#forget(dma, size, direction);
    this.#inner.unmap(dma, size, direction);
  }

  syncForCpu(dma: number, size: number, direction: DmaDirection): void {
    this.#mustBeMapped(dma, size);
    this.#inner.syncForCpu(dma, size, direction);
  }

  syncForDevice(dma: number, size: number, direction: DmaDirection): void {
    this.#mustBeMapped(dma, size);
    this.#inner.syncForDevice(dma, size, direction);
  }

  #forget(dma: number, size: number, direction: DmaDirection | typeof COHERENT): void {
    for (const mapping of this.#mappings) {
      if (mapping.dma !== dma || mapping.size !== size || mapping.direction !== direction) continue;
      this.#mappings.delete(mapping);
      return;
    }
    wrong(`${size} bytes at ${dma}, direction ${direction}, are not mapped`, 'give back what was taken, once');
  }

  #mustBeMapped(dma: number, size: number): void {
    for (const mapping of this.#mappings) if (covers(mapping, dma, size)) return;
    wrong(`${size} bytes at ${dma} are synced, but not mapped`, 'map them first');
  }
}

function covers(mapping: Mapping, dma: number, length: number): boolean {
  return dma >= mapping.dma && dma + length <= mapping.dma + mapping.size;
}

function wrong(problem: string, remedy: string): never {
  throw new StackError('ERR_STACK_DMA', problem, remedy);
}
