import { MSEC, type Clock, type Nanoseconds, type Task } from '@stack/clock';
import { NO_PACKET, trace, tracing, type TraceContext } from '@stack/trace';
import type { InterruptLine } from './interrupt-line.ts';
import { spawnKsoftirqd, type Ksoftirqd } from './ksoftirqd.ts';
import { NR_SOFTIRQS, SOFTIRQ_NAMES, type SoftirqAction } from './vector.ts';

/** How long and how often softirqs run in one go before ksoftirqd takes over. @kernel kernel/softirq.c MAX_SOFTIRQ_TIME */
const MAX_SOFTIRQ_TIME = 2 * MSEC;
const MAX_SOFTIRQ_RESTART = 10;

/**
 * A logical CPU: what runs on it is either a process (a call from the application), an interrupt handler, or
 * softirqs, at interrupt exit or in ksoftirqd. One JavaScript thread carries all CPUs of all hosts, one at a time.
 */
export class Cpu implements TraceContext {
  readonly host: string;
  /** Number of the CPU within its host. */
  readonly cpu: number;
  readonly clock: Clock;
  /** Times each softirq was served, as in /proc/softirqs. */
  readonly served = new Float64Array(NR_SOFTIRQS);
  /** Interrupts handled. */
  interrupts = 0;
  readonly ksoftirqd: Ksoftirqd;
  context: 'process' | 'hardirq' | 'softirq' | 'ksoftirqd' = 'process';

  #pending = 0;
  #bhDisabled = 0;
  #vector: readonly (SoftirqAction | null)[];
  #lines: InterruptLine[] = [];
  #interruptPosted = false;
  readonly #interruptTask: Task;

  constructor(host: string, cpu: number, clock: Clock, vector: readonly (SoftirqAction | null)[]) {
    this.host = host;
    this.cpu = cpu;
    this.clock = clock;
    this.#vector = vector;
    this.#interruptTask = { run: () => this.#doIrq() };
    this.ksoftirqd = spawnKsoftirqd(this);
  }

  get inInterrupt(): boolean {
    return this.context !== 'process' || this.#bhDisabled > 0;
  }

  /** Softirqs raised and not served yet, as bits. @kernel include/linux/interrupt.h local_softirq_pending() */
  get pending(): number {
    return this.#pending;
  }

  /** A line asks for its handler to run: it will, as a task of its own. */
  interrupt(line: InterruptLine): void {
    this.#lines.push(line);
    if (this.#interruptPosted) return;
    this.#interruptPosted = true;
    this.clock.post(this.#interruptTask);
  }

  /**
   * Marks a softirq to be served: at the end of the interrupt or softirq that runs, else by ksoftirqd.
   *
   * @kernel kernel/softirq.c raise_softirq_irqoff(), __raise_softirq_irqoff()
   */
  raiseSoftirqIrqoff(nr: number): void {
    if (tracing.on) trace('__raise_softirq_irqoff', NO_PACKET, SOFTIRQ_NAMES[nr]);
    this.#pending |= 1 << nr;
    if (!this.inInterrupt) this.ksoftirqd.wake();
  }

  /** From here to {@link localBhEnable}, softirqs wait. Nests. @kernel include/linux/bottom_half.h local_bh_disable() */
  localBhDisable(): void {
    if (this.#bhDisabled++ === 0) tracing.context = this;
  }

  /** Serves the softirqs that were raised meanwhile. @kernel kernel/softirq.c __local_bh_enable_ip() */
  localBhEnable(): void {
    if (--this.#bhDisabled === 0 && this.#pending !== 0 && this.context === 'process') this.doSoftirq('softirq');
  }

  /** Runs `task` as interrupt code of this CPU: for timers that have no line. */
  runAsInterrupt(task: Task): void {
    const outer = this.#irqEnter();
    task.run();
    this.#irqExit(outer);
  }

  /** @kernel kernel/softirq.c handle_softirqs() */
  doSoftirq(context: 'softirq' | 'ksoftirqd'): void {
    const outer = this.context;
    this.context = context;
    tracing.context = this;
    const end: Nanoseconds = this.clock.now() + MAX_SOFTIRQ_TIME;
    for (let restart = MAX_SOFTIRQ_RESTART; restart > 0 && this.#pending !== 0; restart--) {
      this.#servePending();
      if (this.#pending !== 0 && this.clock.now() >= end) break;
    }
    this.context = outer;
    if (this.#pending !== 0) this.ksoftirqd.wake();
  }

  #servePending(): void {
    let pending = this.#pending;
    this.#pending = 0;
    for (; pending !== 0; pending &= pending - 1) {
      const nr = 31 - Math.clz32(pending & -pending);
      this.served[nr]++;
      this.#vector[nr]?.(this);
    }
  }

  #doIrq(): void {
    this.#interruptPosted = false;
    const outer = this.#irqEnter();
    // Lines that interrupt from now on come in a task of their own, as a second interrupt would.
    for (let left = this.#lines.length; left > 0; left--) {
      this.interrupts++;
      this.#lines.shift()!.handle();
    }
    this.#irqExit(outer);
  }

  #irqEnter(): typeof this.context {
    const outer = this.context;
    this.context = 'hardirq';
    tracing.context = this;
    return outer;
  }

  /** @kernel kernel/softirq.c irq_exit_rcu() */
  #irqExit(outer: typeof this.context): void {
    this.context = outer;
    if (!this.inInterrupt && this.#pending !== 0) this.doSoftirq('softirq');
  }
}
