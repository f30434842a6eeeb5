import type { Cpus, InterruptLine } from '@stack/softirq';
import { PCI_INTERRUPT_PIN } from './config-registers.ts';
import type { PciFunction } from './function.ts';

const LINES = 4;
/** Where messages are written to, as on a PC. */
export const MESSAGE_ADDRESS = 0xfee0_0000;

/** A line that the devices of several slots share: it is asserted while any of them pulls. */
export class SharedLine {
  readonly line: InterruptLine;
  #pulling = 0;

  constructor(line: InterruptLine) {
    this.line = line;
  }

  pull(): void {
    this.#pulling++;
    this.line.assert();
  }

  letGo(): void {
    if (--this.#pulling === 0) this.line.deassert();
  }
}

/** Four shared interrupt lines, which devices pull together, and the lines that messages stand for. */
export class InterruptRouter {
  readonly #cpus: Cpus;
  readonly #lines = new Array<SharedLine | null>(LINES).fill(null);
  /** By the data of their message. */
  readonly #messages = new Map<number, InterruptLine>();

  constructor(cpus: Cpus) {
    this.#cpus = cpus;
  }

  /** The line of a slot, null without a pin: neighbours get different ones. @kernel drivers/pci/irq.c pci_swizzle_interrupt_pin() */
  lineOf(fn: PciFunction, slot: number): SharedLine | null {
    const pin = fn.configRead(PCI_INTERRUPT_PIN, 1);
    if (pin === 0) return null;
    const index = (slot + pin - 1) % LINES;
    return (this.#lines[index] ??= new SharedLine(this.#cpus.allocateLine(`pci INT${'ABCD'[index]}`)));
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
