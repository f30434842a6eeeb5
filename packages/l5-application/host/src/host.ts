import { Clock } from '@stack/clock';
import { Ipv4 } from '@stack/ipv4';
import { NodeNet, type Dgram, type Fetch, type Http, type Net, Names } from '@stack/net';
import { NetCore, type NetDevice } from '@stack/netdev';
import { Container, type Plugin, type PluginFault, type Services, type Token, type Undo } from '@stack/plugin';
import { BsdSockets } from '@stack/socket';
import { softirqs } from '@stack/softirq';
import type { Device } from './device.ts';
import { setUp } from './set-up.ts';
import { ping, type PingOptions, type PingReply } from './ping.ts';

export interface HostOptions {
  /** What others call it, and what traces say. */
  name: string;
  /** The parts: {@link inet}, and your own. */
  use: readonly Plugin[];
  /** Its devices, by name. */
  devices?: Readonly<Record<string, Device>>;
  /** Logical CPUs, 1 unless given. */
  cpus?: number;
}

/** A computer: the counterpart of one network namespace, with its devices. */
export class Host implements Services {
  readonly name: string;
  readonly #container: Container;
  #devices: NetDevice[] = [];
  #listeners = 0;

  /** @internal Use `lab.host()`. */
  constructor(
    options: HostOptions,
    machine: Plugin,
    resolve: (name: string) => number | null,
    /** Whether a plugin that fails ends the run. */
    strict = false,
  ) {
    this.name = options.name;
    this.#container = new Container(options.name);
    this.#container.faults.strict = strict;
    this.#container.faults.listen((fault) => this.#told(fault));
    const names: Plugin = { name: 'names', provide: (provider) => provider.bind(Names, () => ({ resolve })) };
    try {
      this.#container.use([machine, names, softirqs({ name: options.name, cpus: options.cpus }), ...options.use]);
      for (const [name, device] of Object.entries(options.devices ?? {})) this.#plugIn(name, device);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  get<T>(token: Token<T>): T {
    return this.#container.get(token);
  }

  find<T>(token: Token<T>): T | undefined {
    return this.#container.find(token);
  }

  /** The BSD socket calls. */
  get sockets(): BsdSockets {
    return this.get(BsdSockets);
  }

  /** `node:net`, `node:dgram`, `node:http` and fetch of this host. */
  get net(): Net {
    return this.get(NodeNet).net;
  }

  get dgram(): Dgram {
    return this.get(NodeNet).dgram;
  }

  http(): Http {
    return this.get(NodeNet).http;
  }

  fetch: Fetch = (url, init) => this.get(NodeNet).fetch(url, init);

  /** Every device, loopback included. */
  get devices(): NetDevice[] {
    return [...this.get(NetCore).devices.values()];
  }

  /** The first address of its own devices, int32, or null: what its name means to others. */
  get address(): number | null {
    const ip = this.find(Ipv4);
    for (const dev of this.#devices) {
      const [first] = ip?.addresses(dev) ?? [];
      if (first !== undefined) return first.address;
    }
    return null;
  }

  /** Sends an ICMP echo and resolves with its answer; rejects with the errno of what went wrong. */
  ping(to: string, options?: PingOptions): Promise<PingReply> {
    return ping(this, to, options);
  }

  /**
   * Is told, after the fact, of plugins that failed while packets flowed and were taken out. Without a listener, a fault
   * is a warning of the process.
   */
  onFault(listener: (fault: PluginFault) => void): Undo {
    const { faults } = this.#container;
    const clock = this.get(Clock);
    this.#listeners++;
    const undo = faults.listen((fault) => clock.post({ run: () => listener(fault) }));
    let done = false;
    return () => {
      if (!done) this.#listeners--;
      done = true;
      undo();
    };
  }

  #told({ plugin, name, error }: PluginFault): void {
    if (this.#listeners > 0 || this.#container.faults.strict) return;
    const { process } = globalThis as { process?: { emitWarning?(text: string, type: string): void } };
    process?.emitWarning?.(`${name} of ${plugin} on host ${this.name}: ${String(error)}`, 'StackPluginFault');
  }

  /** Takes every plugin out again, the last first: connections end, devices go down, memory is given back. */
  close(): void {
    this.#container.close();
  }

  #plugIn(name: string, device: Device): void {
    const dev = device.plugIn({ name, services: this });
    this.#devices.push(dev);
    setUp(this, dev, device);
  }
}
