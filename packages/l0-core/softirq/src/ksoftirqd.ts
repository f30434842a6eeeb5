import type { Task } from '@stack/clock';
import type { Cpu } from './cpu.ts';

/** The thread that serves softirqs when there are too many: others have their turn between its rounds. */
export class Ksoftirqd implements Task {
  /** How often it had something to do. */
  runs = 0;
  readonly cpu: Cpu;
  #woken = false;

  constructor(cpu: Cpu) {
    this.cpu = cpu;
  }

  /** @kernel kernel/softirq.c wakeup_softirqd() */
  wake(): void {
    if (this.#woken) return;
    this.#woken = true;
    this.cpu.clock.yield(this);
  }

  /** @internal Called by the clock. */
  run(): void {
    this.#woken = false;
    if (ksoftirqdShouldRun(this.cpu)) runKsoftirqd(this);
  }
}

/** One thread for each CPU. @kernel kernel/softirq.c spawn_ksoftirqd() */
export function spawnKsoftirqd(cpu: Cpu): Ksoftirqd {
  return new Ksoftirqd(cpu);
}

/** @kernel kernel/softirq.c ksoftirqd_should_run() */
export function ksoftirqdShouldRun(cpu: Cpu): boolean {
  return cpu.pending !== 0;
}

/** One round; what is left wakes the thread again. @kernel kernel/softirq.c run_ksoftirqd() */
export function runKsoftirqd(thread: Ksoftirqd): void {
  thread.runs++;
  thread.cpu.doSoftirq('ksoftirqd');
}
