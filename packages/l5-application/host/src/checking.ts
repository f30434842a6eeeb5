import { CheckingArena } from '@stack/memory';
import { CheckingSkbPool } from '@stack/skb';

/** Memory and buffers that find misuse, for all hosts of one lab. */
export class Checking {
  readonly arena: CheckingArena;
  #pools: CheckingSkbPool[] = [];

  constructor(bytes: number) {
    this.arena = new CheckingArena(bytes);
  }

  pool(): CheckingSkbPool {
    const pool = new CheckingSkbPool(this.arena);
    this.#pools.push(pool);
    return pool;
  }

  /** Throws when a buffer or block is still alive, with the place where it was allocated. */
  check(): void {
    for (const pool of this.#pools) pool.check();
    this.arena.check();
  }
}
