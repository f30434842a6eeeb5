import type { Neighbour } from './neighbour.ts';

/** Neighbours by address and device, in chains that are kept short by doubling. @kernel include/net/neighbour.h struct neigh_hash_table */
export class NeighHash {
  size = 0;
  #buckets = new Array<Neighbour | null>(8).fill(null);
  readonly #secret: number;

  /** The secret keeps others from choosing addresses that fall into one chain. */
  constructor(secret: number) {
    this.#secret = secret | 1;
  }

  find(key: number, ifindex: number): Neighbour | null {
    let neigh = this.#buckets[this.#bucket(key, ifindex)];
    while (neigh !== null && (neigh.key !== key || neigh.dev.ifindex !== ifindex)) neigh = neigh.hashNext;
    return neigh;
  }

  add(neigh: Neighbour): void {
    if (this.size >= this.#buckets.length) this.#grow();
    this.#link(neigh);
    this.size++;
  }

  remove(neigh: Neighbour): void {
    const bucket = this.#bucket(neigh.key, neigh.dev.ifindex);
    let at = this.#buckets[bucket];
    if (at === neigh) {
      this.#buckets[bucket] = neigh.hashNext;
    } else {
      while (at !== null && at.hashNext !== neigh) at = at.hashNext;
      if (at === null) return;
      at.hashNext = neigh.hashNext;
    }
    neigh.hashNext = null;
    this.size--;
  }

  /** All of them, as a list of its own: it stays whole while neighbours go. */
  all(): Neighbour[] {
    const all: Neighbour[] = [];
    for (const first of this.#buckets) {
      for (let neigh = first; neigh !== null; neigh = neigh.hashNext) all.push(neigh);
    }
    return all;
  }

  #grow(): void {
    const all = this.all();
    this.#buckets = new Array<Neighbour | null>(this.#buckets.length * 2).fill(null);
    for (const neigh of all) this.#link(neigh);
  }

  #link(neigh: Neighbour): void {
    const bucket = this.#bucket(neigh.key, neigh.dev.ifindex);
    neigh.hashNext = this.#buckets[bucket];
    this.#buckets[bucket] = neigh;
  }

  /** @kernel include/net/arp.h arp_hashfn() */
  #bucket(key: number, ifindex: number): number {
    const hash = Math.imul(key ^ ifindex, this.#secret);
    return (hash ^ (hash >>> 16)) & (this.#buckets.length - 1);
  }
}
