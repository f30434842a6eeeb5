import { EACCES, EAGAIN, EHOSTUNREACH, EINVAL } from '@stack/plugin';
import { maskOf } from '../address/classify.ts';
import { RTN_BLACKHOLE, RTN_PROHIBIT, RTN_THROW, RTN_UNREACHABLE } from '../constants.ts';
import { RTNH_F_DEAD, type FibResult, type FibRoute } from './fib-info.ts';

/**
 * A routing table: for each prefix length in use, a hash by prefix, asked from the longest on. Tables have few lengths
 * and their answers are cached with the next hops, so this beats a trie in all but an Internet router.
 *
 * @kernel net/ipv4/fib_trie.c struct trie
 */
export class FibTable {
  /** RT_TABLE_*. */
  readonly id: number;
  #byLength = new Array<Map<number, FibRoute[]> | null>(33).fill(null);
  /** Lengths in use with their masks, longest first. */
  #lengths: number[] = [];
  #masks: number[] = [];

  constructor(id: number) {
    this.id = id;
  }

  /**
   * Finds the longest matching prefix with a usable route. `scope`: routes that reach no farther than this are passed
   * over. 0 with `result` filled; -EAGAIN when nothing matches; -EINVAL, -EHOSTUNREACH or -EACCES from a route that
   * says so.
   *
   * @kernel net/ipv4/fib_trie.c fib_table_lookup()
   */
  lookup(address: number, oif: number, scope: number, result: FibResult): number {
    for (let i = 0; i < this.#lengths.length; i++) {
      const routes = this.#byLength[this.#lengths[i]]!.get(address & this.#masks[i]);
      if (routes === undefined) continue;
      for (const route of routes) {
        if (route.attributes.scope < scope) continue;
        const error = errorOf(route.attributes.type);
        if (error !== 0) return error;
        const { nextHop } = route;
        if (nextHop === null || (nextHop.flags & RTNH_F_DEAD) !== 0) continue;
        if (oif !== 0 && nextHop.dev.ifindex !== oif) continue;
        result.route = route;
        result.type = route.attributes.type;
        result.table = this.id;
        return 0;
      }
    }
    return -EAGAIN;
  }

  /**
   * Adds a route behind those with the same prefix and metric. False when the very same one is there, or when there is
   * any and `exclusive`.
   *
   * @kernel net/ipv4/fib_trie.c fib_table_insert()
   */
  insert(route: FibRoute, exclusive: boolean): boolean {
    const { prefixLength, prefix, attributes } = route;
    const map = (this.#byLength[prefixLength] ??= this.#useLength(prefixLength));
    const routes = map.get(prefix) ?? [];
    const rivals = routes.filter((other) => other.attributes.metric === attributes.metric);
    if (rivals.some((other) => exclusive || isSame(other, route))) return false;
    const before = routes.filter((other) => other.attributes.metric <= attributes.metric);
    map.set(prefix, [...before, route, ...routes.slice(before.length)]);
    return true;
  }

  /** Removes routes for which `which` is true; returns them. @kernel net/ipv4/fib_trie.c fib_table_flush() */
  remove(which: (route: FibRoute) => boolean): FibRoute[] {
    const gone = this.routes.filter(which);
    for (const route of gone) this.#removeOne(route);
    return gone;
  }

  /** All routes, longest prefix first. */
  get routes(): FibRoute[] {
    return this.#lengths.flatMap((length) => [...this.#byLength[length]!.values()].flat());
  }

  #removeOne(route: FibRoute): void {
    const map = this.#byLength[route.prefixLength]!;
    const rest = map.get(route.prefix)!.filter((other) => other !== route);
    if (rest.length > 0) {
      map.set(route.prefix, rest);
      return;
    }
    map.delete(route.prefix);
    if (map.size > 0) return;
    this.#byLength[route.prefixLength] = null;
    this.#setLengths(this.#lengths.filter((length) => length !== route.prefixLength));
  }

  #useLength(prefixLength: number): Map<number, FibRoute[]> {
    this.#setLengths([...this.#lengths, prefixLength].toSorted((a, b) => b - a));
    return new Map();
  }

  #setLengths(lengths: number[]): void {
    this.#lengths = lengths;
    this.#masks = lengths.map(maskOf);
  }
}

function isSame(a: FibRoute, b: FibRoute): boolean {
  if (a.attributes.type !== b.attributes.type || a.attributes.source !== b.attributes.source) return false;
  return a.nextHop?.dev === b.nextHop?.dev && a.nextHop?.gateway === b.nextHop?.gateway;
}

/** @kernel net/ipv4/fib_semantics.c fib_props */
function errorOf(type: number): number {
  if (type < RTN_BLACKHOLE) return 0;
  if (type === RTN_BLACKHOLE) return -EINVAL;
  if (type === RTN_UNREACHABLE) return -EHOSTUNREACH;
  if (type === RTN_PROHIBIT) return -EACCES;
  return type === RTN_THROW ? -EAGAIN : -EINVAL;
}
