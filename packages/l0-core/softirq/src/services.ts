import { token } from '@stack/plugin';
import type { Cpus } from './cpus.ts';
import { TIMER_SOFTIRQ } from './vector.ts';
import { TimerWheel } from './timer-wheel.ts';

/** The CPUs of the host. */
export const Smp = token<Cpus>('Smp', 'add softirqs() to the host');

/** One timer wheel for each CPU of a host. */
export class TimerWheels {
  readonly all: readonly TimerWheel[];

  constructor(cpus: Cpus) {
    this.all = cpus.all.map((cpu) => new TimerWheel(cpu));
    cpus.openSoftirq(TIMER_SOFTIRQ, (cpu) => this.all[cpu.cpu].run());
  }

  /** The wheel of the first CPU. */
  get boot(): TimerWheel {
    return this.all[0];
  }

  /** No timer expires any more. */
  stop(): void {
    for (const wheel of this.all) wheel.stop();
  }
}

/** The timer wheels of the host. */
export const Timers = token<TimerWheels>('Timers', 'add softirqs() to the host');
