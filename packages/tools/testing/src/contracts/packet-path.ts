import type { Container } from '@stack/plugin';
import { installTracer } from '@stack/trace';
import { expect } from 'vitest';

/** Calls of sockets, by the kernel's names: there they lock the socket, and may sleep. */
const SOCKET_CALL = /_(sendmsg|recvmsg)$|^udp_send_skb$/;

/**
 * The path of packets of one host, under watch: it is softirq context as a rule, where nothing may sleep. Linux would not let
 * anyone register there, set up devices or call sockets.
 */
export class PacketPath {
  #watching = false;
  readonly #deeds = new Set<string>();

  private constructor() {}

  static async of(host: Container): Promise<PacketPath> {
    const { NetCore, registerNetdeviceNotifier } = await import('@stack/netdev');
    const path = new PacketPath();
    const { faults } = host;
    const part = faults.part.bind(faults);
    // Whoever registers anything is named for reports.
    faults.part = (name) => (path.#note(`registered the ${name}`), part(name));
    const core = host.find(NetCore);
    if (core !== undefined) registerNetdeviceNotifier(core, (_event, { name }) => path.#note(`set up or shut ${name}`));
    return path;
  }

  /** Runs what a plugin does while the packet `what` waits. Fails the test when `who` does what is not for there. */
  watch<T>(who: string, what: string, act: () => T): T {
    const uninstall = installTracer({
      hit: (fn) => void (SOCKET_CALL.test(fn) && this.#note(`called a socket (${fn})`)),
      born() {},
    });
    this.#deeds.clear();
    this.#watching = true;
    try {
      const result = act();
      const deeds = [...this.#deeds].join(' and ');
      if (deeds !== '') expect.fail(`${who} ${deeds} at ${what}: ${REMEDY}`);
      return result;
    } finally {
      this.#watching = false;
      uninstall();
    }
  }

  #note(deed: string): void {
    if (this.#watching) this.#deeds.add(deed);
  }
}

const REMEDY = 'in softirq context nothing may sleep; do it in attach, or post it to the clock';
