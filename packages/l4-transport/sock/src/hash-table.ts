/** An entry of a {@link HashTable}: the links are in the entry itself, so that adding one allocates nothing. */
export interface Hashed<T> {
  /** Hash under which it is in a table, -1 when in none. */
  hash: number;
  hashNext: T | null;
  hashPrev: T | null;
}

/**
 * A hash table of chains through its entries. Doubles when there is an entry for each chain; never shrinks. An entry
 * is in one table at a time.
 */
export class HashTable<T extends Hashed<T>> {
  size = 0;
  #chains: (T | null)[];

  /** `chains` is a power of two. */
  constructor(chains = 256) {
    this.#chains = new Array<T | null>(chains).fill(null);
  }

  /** The first entry of the chain for a hash; entries of other hashes are in it too. Go on with `hashNext`. */
  first(hash: number): T | null {
    return this.#chains[hash & (this.#chains.length - 1)];
  }

  /** Puts the entry in front of its chain. `hash` is 0 to 2^31 - 1. */
  add(entry: T, hash: number): void {
    if (this.size === this.#chains.length) this.#grow();
    this.size++;
    entry.hash = hash;
    this.#link(entry);
  }

  /** Takes it out. Does nothing when it is in no table. */
  remove(entry: T): void {
    if (entry.hash < 0) return;
    const { hashNext, hashPrev } = entry;
    if (hashPrev === null) this.#chains[entry.hash & (this.#chains.length - 1)] = hashNext;
    else hashPrev.hashNext = hashNext;
    if (hashNext !== null) hashNext.hashPrev = hashPrev;
    entry.hash = -1;
    entry.hashNext = null;
    entry.hashPrev = null;
    this.size--;
  }

  /** All entries, for diagnosis. The table must not change meanwhile. */
  *[Symbol.iterator](): Iterator<T> {
    for (const first of this.#chains) {
      for (let entry = first; entry !== null; entry = entry.hashNext) yield entry;
    }
  }

  #link(entry: T): void {
    const chain = entry.hash & (this.#chains.length - 1);
    const first = this.#chains[chain];
    entry.hashPrev = null;
    entry.hashNext = first;
    if (first !== null) first.hashPrev = entry;
    this.#chains[chain] = entry;
  }

  #grow(): void {
    const entries = [...this];
    this.#chains = new Array<T | null>(this.#chains.length * 2).fill(null);
    for (const entry of entries.reverse()) this.#link(entry);
  }
}
