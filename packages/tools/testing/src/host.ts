import { Clock, Random } from '@stack/clock';
import { Memory } from '@stack/memory';
import { Container, type Plugin } from '@stack/plugin';
import { CheckingSkbPool, Skbs } from '@stack/skb';
import { softirqs } from '@stack/softirq';
import { whenPassed, type Machine } from './machine.ts';

export interface TestHostOptions {
  /** Whether a plugin that fails ends the test at once; yes unless given. Without, the host lives on, as in production. */
  strict?: boolean;
}

/**
 * A host on a test machine: the clock, randomness and memory of the machine, packet buffers that find misuse, softirqs
 * and timers, and the plugins given. When the test has passed, the host is closed, and the test fails after all if one
 * of its packet buffers is still alive.
 */
export function testHost(
  machine: Machine,
  name: string,
  plugins: readonly Plugin[] = [],
  options: TestHostOptions = {},
): Container {
  const host = new Container(name);
  host.faults.strict = options.strict ?? true;
  const pool = new CheckingSkbPool(machine.arena);
  host.use([surroundings(machine, name, pool), softirqs({ name, cpus: machine.cpus }), ...plugins]);
  whenPassed(() => {
    host.close();
    pool.check();
  });
  return host;
}

function surroundings(machine: Machine, name: string, pool: CheckingSkbPool): Plugin {
  return {
    name: 'the test machine',
    provide(provider) {
      provider.bind(Clock, () => machine.clock);
      provider.bind(Random, () => machine.random.fork(name));
      provider.bind(Memory, () => machine.arena);
      provider.bind(Skbs, () => pool);
    },
  };
}
