/**
 * A group of counters, named as in /proc/net/snmp. Counting is one addition: `mib.counts[IP_INRECEIVES]++`.
 *
 * @kernel include/net/snmp.h struct ipstats_mib
 */
export class Mib {
  /** Names in the order of their indices, with the group's prefix: `IpInReceives`. */
  readonly names: readonly string[];
  readonly counts: Float64Array;

  constructor(names: readonly string[]) {
    this.names = names;
    this.counts = new Float64Array(names.length);
  }

  /** The counter of a name; `undefined` for a name of no counter here. */
  get(name: string): number | undefined {
    const index = this.names.indexOf(name);
    return index < 0 ? undefined : this.counts[index];
  }

  /** All counters that are not zero, as `nstat` shows them. */
  nonZero(): Record<string, number> {
    return Object.fromEntries(this.names.map((name, i) => [name, this.counts[i]] as const).filter(([, count]) => count !== 0));
  }
}
