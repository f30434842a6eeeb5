import { Faults, type Services } from '@stack/plugin';
import { installTracer } from '@stack/trace';
import { expect } from 'vitest';
import { watchOutside } from './outside.ts';

/** Calls of sockets, by the kernel's names: there they lock the socket, and may sleep. */
const SOCKET_CALL = /_(sendmsg|recvmsg)$|^udp_send_skb$/;

/**
 * The path of packets of one host, under watch: it is softirq context as a rule, where nothing may sleep. Linux would not let
 * anyone register there, set up devices or call sockets. Neither is there any time or chance but the host's.
 */
export class PacketPath {
  #watching = false;
  readonly #deeds = new Set<string>();

  private constructor() {}

  static async of(host: Services): Promise<PacketPath> {
    const { NetCore, registerNetdeviceNotifier } = await import('@stack/netdev');
    const path = new PacketPath();
    const faults = host.get(Faults);
    const part = faults.part.bind(faults);
    // Whoever registers anything is named for reports.
    faults.part = (name) => (path.#note(`registered the ${name}`), part(name));
    const core = host.find(NetCore);
    if (core !== undefined) registerNetdeviceNotifier(core, (_event, { name }) => path.#note(`set up or shut ${name}`));
    return path;
  }

  /** Runs what a plugin does while the packet `what` waits. Fails the test when `who` does what is not for there. */
  watch<T>(who: string, what: string, act: () => T): T {
    const result = this.look(act);
    const deeds = this.deeds();
    if (deeds !== '') expect.fail(`${who} ${deeds} at ${what}: ${REMEDY}`);
    return result;
  }

  /** Runs what a plugin does on the path, and remembers what is not for there. */
  look<T>(act: () => T): T {
    const uninstall = installTracer({
      hit: (fn) => void (SOCKET_CALL.test(fn) && this.#note(`called a socket (${fn})`)),
      born() {},
    });
    const leave = watchOutside((deed) => this.#note(deed));
    this.#deeds.clear();
    this.#watching = true;
    try {
      return act();
    } finally {
      this.#watching = false;
      leave();
      uninstall();
    }
  }

  /** What was done in the last look that is not for there; empty: nothing. */
  deeds(): string {
    return [...this.#deeds].join(' and ');
  }

  #note(deed: string): void {
    if (this.#watching) this.#deeds.add(deed);
  }
}

const REMEDY =
  "in softirq context nothing may sleep, and time and chance are the host's; do it in attach, or post it to the clock";
