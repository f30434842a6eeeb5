import { Clock } from '@stack/clock';
import type { Plugin } from '@stack/plugin';
import { Cpus } from './cpus.ts';
import { Smp, Timers, TimerWheels } from './services.ts';

/** CPUs, softirqs and timers of a host. `name` is what tracers call it; `cpus` is 1 unless given, at most 64. */
export function softirqs(options: { name: string; cpus?: number }): Plugin {
  return {
    name: 'softirqs',
    provide(provider) {
      provider.bind(Smp, (services) => new Cpus(options.name, services.get(Clock), options.cpus ?? 1));
      provider.bind(Timers, (services) => new TimerWheels(services.get(Smp)));
    },
    attach(services) {
      const timers = services.get(Timers);
      return () => timers.stop();
    },
  };
}
