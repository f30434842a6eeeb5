/**
 * Logical CPUs, interrupt lines, softirqs with Linux's budgets, ksoftirqd, and timers.
 *
 * ```ts
 * const clock = virtualClock();
 * const cpus = new Cpus('alice', clock, 1);
 * cpus.openSoftirq(NET_RX_SOFTIRQ, () => console.log('poll the devices'));
 * const line = cpus.allocateLine('eth0');
 * line.request(() => {
 *   cpus.boot.raiseSoftirqIrqoff(NET_RX_SOFTIRQ);
 *   return IRQ_HANDLED;
 * });
 * line.pulse();
 * clock.drain(); // poll the devices
 * ```
 *
 * @packageDocumentation
 */
export { Cpu } from './cpu.ts';
export { Cpus } from './cpus.ts';
export { Hrtimer } from './hrtimer.ts';
export { InterruptLine, IRQ_HANDLED, IRQ_NONE, type IrqHandler } from './interrupt-line.ts';
export { Ksoftirqd, ksoftirqdShouldRun, runKsoftirqd, spawnKsoftirqd } from './ksoftirqd.ts';
export { softirqs } from './plugin.ts';
export { Smp, Timers, TimerWheels } from './services.ts';
export { HZ, TimerWheel } from './timer-wheel.ts';
export * from './vector.ts';
export { WheelTimer } from './wheel-timer.ts';
