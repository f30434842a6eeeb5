import type { Arena } from '@stack/memory';
import type { DmaMemory } from './dma-memory.ts';
import type { DmaOps } from './dma.ts';
import type { BusPort } from './function.ts';
import type { InterruptRouter, SharedLine } from './interrupt-router.ts';

/** One slot of our bus, as the chip in it sees it. */
export class SlotPort implements BusPort {
  readonly #line: SharedLine | null;
  readonly #router: InterruptRouter;
  readonly #dma: DmaOps;
  readonly #arena: Arena;
  readonly memory: DmaMemory;

  #pulling = false;

  constructor(line: SharedLine | null, router: InterruptRouter, dma: DmaOps, arena: Arena) {
    this.#line = line;
    this.#router = router;
    this.#dma = dma;
    this.#arena = arena;
    this.memory = dma.memory;
  }

  reachable(dma: number, length: number, write: boolean): boolean {
    return this.#dma.reachable(dma, length, write);
  }

  raiseInterrupt(): void {
    if (this.#pulling) return;
    this.#pulling = true;
    this.#line?.pull();
  }

  lowerInterrupt(): void {
    if (!this.#pulling) return;
    this.#pulling = false;
    this.#line?.letGo();
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
