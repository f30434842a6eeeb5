import { createCable, createSwitch, type Cable, type CableOptions, type Switch } from '@stack/cable';
import { Clock, Random, realClock, secureRandom, seededRandom } from '@stack/clock';
import { Arena, Memory } from '@stack/memory';
import { StackError, type Plugin } from '@stack/plugin';
import { SkbPool, Skbs } from '@stack/skb';
import { Checking } from './checking.ts';
import { Host, type HostOptions } from './host.ts';

/** 256 MB: the operating system commits pages only when they are touched. */
const DEFAULT_MEMORY = 256 * 1024 * 1024;

export interface LabOptions {
  /** {@link realClock} unless given; `virtualClock()` makes runs repeatable. */
  clock?: Clock;
  /** With a seed, every random decision repeats; without one, the operating system decides. */
  seed?: number;
  /** Bytes of packet memory for all hosts, a multiple of 64 KB. */
  memory?: number;
  /**
   * Finds misuse of packet memory (use after free, double free, writes out of bounds) at once, and leaks when the lab
   * closes, with the place of allocation. Slow: for tests.
   */
  checking?: boolean;
}

/**
 * A machine with hosts and cables in it: one memory, one clock, one source of randomness.
 *
 * ```ts
 * const lab = createLab({ clock: virtualClock(), seed: 7 });
 * const cable = lab.cable({ rate: 1e9, delay: '2ms', loss: 0.01 });
 * ```
 */
export class Lab {
  readonly clock: Clock;
  readonly random: Random;
  readonly arena: Arena;
  readonly hosts: Host[] = [];
  readonly #checking: Checking | null;
  #wires: Cable[] = [];

  constructor(options: LabOptions = {}) {
    this.clock = options.clock ?? realClock();
    this.random = options.seed === undefined ? secureRandom() : seededRandom(options.seed);
    const memory = options.memory ?? DEFAULT_MEMORY;
    this.#checking = options.checking ? new Checking(memory) : null;
    this.arena = this.#checking?.arena ?? new Arena(memory);
  }

  /** A cable with two free ends, `a` and `b`. */
  cable(options: CableOptions & { name?: string } = {}): Cable {
    const cable = createCable({ ...this.#parts, name: `cable${this.#wires.length}`, ...options });
    this.#wires.push(cable);
    return cable;
  }

  /** A learning switch; give its ports to devices. */
  switch(options: Omit<Parameters<typeof createSwitch>[0], 'clock' | 'random' | 'arena'>): Switch {
    return createSwitch({ ...this.#parts, ...options });
  }

  /** A host, set up and running. */
  host(options: HostOptions): Host {
    if (this.hosts.some(({ name }) => name === options.name)) {
      throw new StackError(
        'ERR_STACK_HOST_TAKEN',
        `there is a host called ${options.name} already`,
        'give each host a name of its own',
      );
    }
    const host = new Host(options, this.#machine(options.name), (name) => this.#resolve(name), this.#checking !== null);
    this.hosts.push(host);
    this.clock.drain(); // the chips find their links
    return host;
  }

  /**
   * Shuts all hosts down. What the application left open is closed; nothing is sent any more. With `checking`, throws
   * `ERR_STACK_LEAK` if anything is still alive.
   */
  close(): void {
    for (const host of this.hosts.splice(0).reverse()) host.close();
    for (const cable of this.#wires.splice(0)) cable.unplug();
    this.#checking?.check();
  }

  get #parts(): { clock: Clock; random: Random; arena: Arena } {
    return { clock: this.clock, random: this.random, arena: this.arena };
  }

  /** What a host has from the machine rather than from itself. */
  #machine(name: string): Plugin {
    return {
      name: 'machine',
      provide: (provider) => {
        provider.bind(Clock, () => this.clock);
        provider.bind(Random, () => this.random.fork(name));
        provider.bind(Memory, () => this.arena);
        provider.bind(Skbs, () => this.#checking?.pool() ?? new SkbPool(this.arena));
      },
    };
  }

  /** Hosts of a lab know each other by name. */
  #resolve(name: string): number | null {
    return this.hosts.find((host) => host.name === name)?.address ?? null;
  }
}

/** The front door: a machine to put hosts and cables in. */
export function createLab(options?: LabOptions): Lab {
  return new Lab(options);
}
