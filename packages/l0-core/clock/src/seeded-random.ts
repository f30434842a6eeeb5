import type { Random } from './random.ts';

/** sfc32: 128 bits of state, passes PractRand, and as fast as anything else in JavaScript. Not for secrets. */
export class SeededRandom implements Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number, label = '') {
    this.#a = seed | 0;
    this.#b = hash(label);
    this.#c = Math.floor(seed / 0x1_0000_0000) | 0;
    for (let i = 0; i < WARM_UP; i++) this.int32();
  }

  int32(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result;
  }

  fraction(): number {
    return (this.int32() >>> 0) / 0x1_0000_0000;
  }

  below(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }

  fork(label: string): Random {
    return new SeededRandom((this.int32() >>> 0) + (this.int32() & 0xfffff) * 0x1_0000_0000, label);
  }
}

const WARM_UP = 15;

/** FNV-1a, so that children of different labels differ from the first number on. */
function hash(label: string): number {
  let h = 0x811c9dc5 | 0;
  for (let i = 0; i < label.length; i++) h = Math.imul(h ^ label.charCodeAt(i), 0x01000193);
  return h;
}

/** The same seed gives the same numbers, everywhere and always. */
export function seededRandom(seed: number): Random {
  return new SeededRandom(seed);
}
