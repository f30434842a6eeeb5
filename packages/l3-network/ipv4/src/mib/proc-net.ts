import type { Undo } from '@stack/plugin';
import type { Mib } from './mib.ts';

/** The counters of all protocols of a host in one place: /proc/net/snmp and /proc/net/netstat. */
export class ProcNet {
  readonly #mibs: Mib<string>[] = [];

  /** Shows a group of counters; protocols above IPv4 add theirs. */
  add(mib: Mib): Undo {
    this.#mibs.push(mib);
    return () => {
      const index = this.#mibs.indexOf(mib);
      if (index >= 0) this.#mibs.splice(index, 1);
    };
  }

  /** Every counter by its name, as `nstat -az` shows them: `TcpExtTCPTimeouts`. */
  counters(): Record<string, number> {
    return Object.fromEntries(this.#mibs.flatMap(({ names, counts }) => names.map((name, i) => [name, counts[i]])));
  }

  /** Those that are not zero, as `nstat -a` shows them. */
  nonZero(): Record<string, number> {
    return Object.fromEntries(Object.entries(this.counters()).filter(([, count]) => count !== 0));
  }
}
