/**
 * A group of counters, named as `nstat` shows them. Counting is one addition: `mib.counts[IpMib.IpInReceives]++`.
 *
 * @kernel include/net/snmp.h struct ipstats_mib
 */
export class Mib<N extends string = string> {
  /** Names in the order of their indices, with the group's prefix: `IpInReceives`. */
  readonly names: readonly N[];
  readonly counts: Float64Array;

  constructor(names: readonly N[]) {
    this.names = names;
    this.counts = new Float64Array(names.length);
  }

  /** The counter of a name. */
  get(name: N): number {
    return this.counts[this.names.indexOf(name)];
  }

  /** All counters that are not zero, as `nstat` shows them. */
  nonZero(): Partial<Record<N, number>> {
    const entries = this.names.map((name, i) => [name, this.counts[i]] as const).filter(([, count]) => count !== 0);
    return Object.fromEntries(entries) as Partial<Record<N, number>>;
  }
}

/** The index of each name, for counting: `mibIndex(['A', 'B']).B` is 1. */
export function mibIndex<N extends string>(names: readonly N[]): { readonly [K in N]: number } {
  return Object.freeze(Object.fromEntries(names.map((name, index) => [name, index])) as { [K in N]: number });
}
