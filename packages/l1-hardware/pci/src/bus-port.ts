import type { Arena } from '@stack/memory';
import type { DmaMemory } from './dma-memory.ts';
import type { DmaOps } from './dma.ts';
import type { BusPort, PciFunction } from './function.ts';
import type { InterruptRouter } from './interrupt-router.ts';

/** One slot of our bus, as the chip in it sees it. */
export class SlotPort implements BusPort {
  readonly #fn: PciFunction;
  readonly #slot: number;
  readonly #router: InterruptRouter;
  readonly #dma: DmaOps;
  readonly #arena: Arena;
  readonly memory: DmaMemory;

  constructor(fn: PciFunction, slot: number, router: InterruptRouter, dma: DmaOps, arena: Arena) {
    this.#fn = fn;
    this.#slot = slot;
    this.#router = router;
    this.#dma = dma;
    this.#arena = arena;
    this.memory = dma.memory;
  }

  reachable(dma: number, length: number, write: boolean): boolean {
    return this.#dma.reachable(dma, length, write);
  }

  raiseInterrupt(): void {
    this.#router.pull(this.#fn, this.#slot);
  }

  lowerInterrupt(): void {
    this.#router.letGo(this.#fn);
  }

  message(address: number, data: number): void {
    this.#router.message(address, data);
  }

  reserve(bytes: number): number {
    return this.memory.u8 === this.#arena.u8 ? this.#arena.alloc(bytes) : 0;
  }

  unreserve(address: number): void {
    this.#arena.release(address);
  }
}
