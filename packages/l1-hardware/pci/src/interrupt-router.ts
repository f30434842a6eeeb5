import type { Cpus, InterruptLine } from '@stack/softirq';
import { PCI_INTERRUPT_PIN } from './config-registers.ts';
import type { PciFunction } from './function.ts';

const LINES = 4;
/** Where messages are written to, as on a PC. */
export const MESSAGE_ADDRESS = 0xfee0_0000;

/** Four shared interrupt lines, which devices pull together, and the lines that messages stand for. */
export class InterruptRouter {
  readonly #cpus: Cpus;
  readonly #lines = new Array<InterruptLine | null>(LINES).fill(null);
  readonly #pulling = Array.from({ length: LINES }, () => new Set<PciFunction>());
  /** By the data of their message. */
  readonly #messages = new Map<number, InterruptLine>();

  constructor(cpus: Cpus) {
    this.#cpus = cpus;
  }

  /** The line of a slot: neighbours get different ones. @kernel drivers/pci/irq.c pci_swizzle_interrupt_pin() */
  lineOf(fn: PciFunction, slot: number): InterruptLine | null {
    const pin = fn.configRead(PCI_INTERRUPT_PIN, 1);
    if (pin === 0) return null;
    const index = indexOf(slot, pin);
    return (this.#lines[index] ??= this.#cpus.allocateLine(`pci INT${'ABCD'[index]}`));
  }

  pull(fn: PciFunction, slot: number): void {
    const index = indexOf(slot, fn.configRead(PCI_INTERRUPT_PIN, 1));
    this.#pulling[index].add(fn);
    this.#lines[index]?.assert();
  }

  letGo(fn: PciFunction): void {
    for (let index = 0; index < LINES; index++) {
      if (this.#pulling[index].delete(fn) && this.#pulling[index].size === 0) this.#lines[index]?.deassert();
    }
  }

  /** A line of its own for one message; its number is the data to write. */
  allocateMessage(name: string): InterruptLine {
    const line = this.#cpus.allocateLine(name);
    this.#messages.set(line.irq, line);
    return line;
  }

  freeMessage(line: InterruptLine): void {
    this.#messages.delete(line.irq);
  }

  /** Writes elsewhere than to {@link MESSAGE_ADDRESS} are no interrupts. */
  message(address: number, data: number): void {
    if (address >>> 0 === MESSAGE_ADDRESS) this.#messages.get(data)?.pulse();
  }
}

function indexOf(slot: number, pin: number): number {
  return (slot + pin - 1) % LINES;
}
