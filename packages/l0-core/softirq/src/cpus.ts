import { StackError } from '@stack/plugin';
import type { Clock } from '@stack/clock';
import { Cpu } from './cpu.ts';
import { InterruptLine } from './interrupt-line.ts';
import { NR_SOFTIRQS, SOFTIRQ_NAMES, type SoftirqAction } from './vector.ts';

/** The CPUs of one host, its softirq vector and its interrupt lines. */
export class Cpus {
  readonly host: string;
  readonly clock: Clock;
  readonly all: readonly Cpu[];
  readonly lines: InterruptLine[] = [];
  #vector = new Array<SoftirqAction | null>(NR_SOFTIRQS).fill(null);

  constructor(host: string, clock: Clock, count: number) {
    if (!Number.isInteger(count) || count < 1 || count > 64) {
      throw new StackError('ERR_STACK_CPUS', `a host cannot have ${count} CPUs`, 'give 1 to 64');
    }
    this.host = host;
    this.clock = clock;
    this.all = Array.from({ length: count }, (_, number) => new Cpu(host, number, clock, this.#vector));
  }

  /** Where application calls run, and interrupts unless steered elsewhere. */
  get boot(): Cpu {
    return this.all[0];
  }

  /** @kernel kernel/softirq.c open_softirq() */
  openSoftirq(nr: number, action: SoftirqAction): void {
    if (this.#vector[nr] !== null) {
      throw new StackError(
        'ERR_STACK_SOFTIRQ_TAKEN',
        `${SOFTIRQ_NAMES[nr]}_SOFTIRQ has an action on host ${this.host} already`,
        'leave one of the two plugins out',
      );
    }
    this.#vector[nr] = action;
  }

  /** A new interrupt line to `cpu`. */
  allocateLine(name: string, cpu: Cpu = this.boot): InterruptLine {
    const line = new InterruptLine(FIRST_IRQ + this.lines.length, name, cpu);
    this.lines.push(line);
    return line;
  }
}

/** Below are the lines that a PC has for itself. */
const FIRST_IRQ = 16;
