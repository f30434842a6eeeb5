import { StackError, type Undo } from '@stack/plugin';
import type { Cpu } from './cpu.ts';

/** What a handler answers: was it its device that interrupted? @kernel include/linux/irqreturn.h */
export const IRQ_NONE = 0;
export const IRQ_HANDLED = 1;

/** Runs in interrupt context and does little: mask, schedule, return. */
export type IrqHandler = (irq: number) => number;

/**
 * An interrupt line between a device and a CPU. Level-triggered lines (INTx) ask again as long as the device asserts
 * them; message-signalled ones (MSI-X) ask once per message. A masked line remembers one message, and no level: it looks
 * at the line again.
 */
export class InterruptLine {
  readonly irq: number;
  readonly name: string;
  /** Where it interrupts; may be changed while running (smp_affinity). */
  cpu: Cpu;
  /** Interrupts handled, as in /proc/interrupts, and those that no handler wanted. */
  count = 0;
  spurious = 0;
  #handlers: IrqHandler[] = [];
  #disabled = 0;
  #asserted = false;
  /** A message has come that no handler has seen. */
  #signalled = false;
  /** The CPU has been asked to call {@link handle}. */
  #posted = false;

  constructor(irq: number, name: string, cpu: Cpu) {
    this.irq = irq;
    this.name = name;
    this.cpu = cpu;
  }

  /** Adds a handler; several devices may share a line. @kernel kernel/irq/manage.c request_irq() */
  request(handler: IrqHandler): Undo {
    if (this.#handlers.includes(handler)) {
      throw new StackError(
        'ERR_STACK_IRQ_TAKEN',
        `the handler is on irq ${this.irq} already`,
        'request it once, and undo before the next time',
      );
    }
    this.#handlers.push(handler);
    if (this.#asserted) this.#ask();
    return () => {
      const index = this.#handlers.indexOf(handler);
      if (index >= 0) this.#handlers.splice(index, 1);
    };
  }

  /** The device pulls the line until {@link deassert}. Called from the device's own task. */
  assert(): void {
    this.#asserted = true;
    this.#ask();
  }

  deassert(): void {
    this.#asserted = false;
  }

  /** One message. */
  pulse(): void {
    if (this.#handlers.length === 0) return;
    this.#signalled = true;
    this.#ask();
  }

  /** Masks the line; nests. @kernel kernel/irq/manage.c disable_irq_nosync() */
  disable(): void {
    this.#disabled++;
  }

  /** @kernel kernel/irq/manage.c enable_irq() */
  enable(): void {
    if (this.#disabled > 0 && --this.#disabled === 0 && (this.#signalled || this.#asserted)) this.#ask();
  }

  /** @internal Called by the CPU in interrupt context. */
  handle(): void {
    this.#posted = false;
    if (this.#disabled > 0 || !(this.#signalled || this.#asserted)) return;
    this.#signalled = false;
    this.count++;
    let handled = IRQ_NONE;
    for (let i = 0; i < this.#handlers.length; i++) handled |= this.#handlers[i](this.irq);
    if (handled === IRQ_NONE) this.#unwanted();
    if (this.#asserted) this.#ask();
  }

  #ask(): void {
    if (this.#posted || this.#disabled > 0 || this.#handlers.length === 0) return;
    this.#posted = true;
    this.cpu.interrupt(this);
  }

  /** A level that nobody lowers would interrupt for ever: after many, the line is shut. @kernel kernel/irq/spurious.c note_interrupt() */
  #unwanted(): void {
    if (++this.spurious === MAX_SPURIOUS) this.disable();
  }
}

const MAX_SPURIOUS = 99_900;
