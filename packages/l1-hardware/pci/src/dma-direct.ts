import type { Arena } from '@stack/memory';
import type { CoherentMemory, DmaOps } from './dma.ts';

/**
 * Device and host share the arena: DMA addresses are arena addresses, and mapping costs nothing.
 *
 * @kernel kernel/dma/direct.c
 */
export class DirectDma implements DmaOps {
  readonly memory: Arena;

  constructor(arena: Arena) {
    this.memory = arena;
  }

  reachable(dma: number, length: number): boolean {
    return dma > 0 && dma + length <= this.memory.size;
  }

  allocCoherent(size: number): CoherentMemory | null {
    const { u8, view } = this.memory;
    const address = this.memory.alloc(size);
    return address === 0 ? null : { u8, view, address, dma: address, size };
  }

  freeCoherent(memory: CoherentMemory): void {
    this.memory.release(memory.address);
  }

  map(address: number): number {
    return address;
  }

  unmap(): void {}

  syncForCpu(): void {}

  syncForDevice(): void {}
}
