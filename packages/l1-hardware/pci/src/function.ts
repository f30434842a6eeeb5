import type { Undo } from '@stack/plugin';
import type { DmaMemory } from './dma-memory.ts';

/** Bytes that one access moves. */
export type AccessSize = 1 | 2 | 4;

/**
 * What a chip is to a bus. All values are little-endian numbers; those of 32 bits may come and go as signed ones.
 * Accesses change state at once, but never call back into the driver: what follows from them happens in a task of
 * the clock.
 */
export interface PciFunction {
  readonly name: string;
  configRead(offset: number, size: AccessSize): number;
  configWrite(offset: number, size: AccessSize, value: number): void;
  /** An access through base address register `bar`, `offset` bytes from its beginning. */
  barRead(bar: number, offset: number, size: AccessSize): number;
  barWrite(bar: number, offset: number, size: AccessSize, value: number): void;
  /** The chip is in its slot. What this returns takes it out. */
  plugIn(bus: BusPort): Undo;
  /** RST#: everything as after power-on. */
  reset(): void;
}

/** What a chip needs of its bus. @see PciBus for the one of this package; an emulator brings its own. */
export interface BusPort {
  /** What the chip reads and writes by DMA. DMA addresses are indices into it. */
  readonly memory: DmaMemory;
  /** Whether memory answers for these bytes. If not, the chip counts a master abort and goes without. */
  reachable(dma: number, length: number, write: boolean): boolean;
  /** Pulls the interrupt line until {@link lowerInterrupt}. Must not call the driver from inside. */
  raiseInterrupt(): void;
  lowerInterrupt(): void;
  /** A message-signalled interrupt: a write of `data` to `address`. */
  message(address: number, data: number): void;
  /**
   * Bytes of {@link memory} that no driver uses, for the chip's own packet buffer; 0 when there are none. A chip that
   * has some sends frames without copying the payload.
   */
  reserve(bytes: number): number;
  /** Gives them back. */
  unreserve(address: number): void;
}
