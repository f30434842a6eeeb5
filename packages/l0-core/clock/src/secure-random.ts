import type { Random } from './random.ts';

const { crypto } = globalThis as unknown as { crypto: { getRandomValues(into: Int32Array): void } };

/** Numbers from the operating system's generator, fetched in batches. */
class SecureRandom implements Random {
  #batch = new Int32Array(256);
  #next = this.#batch.length;

  int32(): number {
    if (this.#next === this.#batch.length) {
      crypto.getRandomValues(this.#batch);
      this.#next = 0;
    }
    return this.#batch[this.#next++];
  }

  fraction(): number {
    return (this.int32() >>> 0) / 0x1_0000_0000;
  }

  below(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }

  fork(): Random {
    return this;
  }
}

/** Unpredictable numbers, for hosts that talk to strangers. */
export function secureRandom(): Random {
  return new SecureRandom();
}
