import type { CablePort } from '@stack/cable';
import type { Clock } from '@stack/clock';
import { dmaMemory, type BusPort, type DmaMemory } from '@stack/pci';
import type { Interrupts } from './interrupts.ts';
import { REGISTER_SPACE } from './registers.ts';
import { Statistics } from './statistics.ts';

/** What the parts of the chip share. */
export class Core {
  readonly clock: Clock;
  readonly port: CablePort;
  readonly interrupts: Interrupts;
  readonly statistics = new Statistics();
  /** Registers that are plain storage; read and written as `regs[TDT >>> 2]`. */
  readonly regs = new Int32Array(REGISTER_SPACE / 4);
  bus: BusPort | null = null;
  /** The bus's memory; a word of our own while there is no bus. */
  memory: DmaMemory = NOWHERE;
  /** The driver has made the chip a bus master, and it is awake. */
  mayDma = false;
  linkUp = false;
  /** What is sent comes back: frames neither leave nor arrive. */
  loopback = false;
  /** DMA accesses that no memory answered for. */
  masterAborts = 0;

  constructor(clock: Clock, port: CablePort, interrupts: Interrupts) {
    this.clock = clock;
    this.port = port;
    this.interrupts = interrupts;
  }

  connect(bus: BusPort | null): void {
    this.bus = bus;
    this.memory = bus?.memory ?? NOWHERE;
  }

  /** Whether the chip may read (or write) these bytes of memory. An address has 64 bits, and memory ends below 2 GB. */
  reaches(low: number, high: number, length: number, write: boolean): boolean {
    if (high === 0 && low > 0 && this.bus !== null && this.bus.reachable(low, length, write)) return true;
    this.masterAborts++;
    return false;
  }
}

const NOWHERE = dmaMemory(new Uint8Array(4));
