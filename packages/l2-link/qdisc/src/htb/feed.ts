/**
 * Which classes of one priority may send, those of one level or those that borrow from one class, and whose turn it is.
 * A class is a bit, at its number: entering and leaving costs the same for any number of classes, and who leaves and comes
 * back keeps its place.
 */
export class HtbFeed {
  /** How many are in it. */
  length = 0;
  /** Where to look for the next one. */
  #turn = 0;
  #bits = new Int32Array(1);
  /** A bit for each word of bits that is not 0. */
  #words = new Int32Array(1);

  has(index: number): boolean {
    return index >>> 5 < this.#bits.length && ((this.#bits[index >>> 5] >>> (index & 31)) & 1) === 1;
  }

  add(index: number): void {
    if (this.has(index)) return;
    const word = index >>> 5;
    if (word >= this.#bits.length) this.#grow(word + 1);
    this.#bits[word] |= 1 << (index & 31);
    this.#words[word >>> 5] |= 1 << (word & 31);
    this.length++;
  }

  remove(index: number): void {
    if (!this.has(index)) return;
    const word = index >>> 5;
    this.#bits[word] &= ~(1 << (index & 31));
    if (this.#bits[word] === 0) this.#words[word >>> 5] &= ~(1 << (word & 31));
    this.length--;
  }

  /** The one whose turn it is; -1 when all had theirs. Whoever left meanwhile has lost his turn. */
  current(): number {
    const word = this.#turn >>> 5;
    if (word >= this.#bits.length) return -1;
    const here = this.#bits[word] & (-1 << (this.#turn & 31));
    const found = here !== 0 ? word * 32 + lowest(here) : this.#beyond(word);
    if (found >= 0) this.#turn = found;
    return found;
  }

  /** On to the next one. */
  advance(): void {
    this.#turn++;
  }

  rewind(): void {
    this.#turn = 0;
  }

  clear(): void {
    this.#bits.fill(0);
    this.#words.fill(0);
    this.#turn = 0;
    this.length = 0;
  }

  /** The first one in the words after `word`. */
  #beyond(word: number): number {
    const next = word + 1;
    let mask = -1 << (next & 31);
    for (let i = next >>> 5; i < this.#words.length; i++) {
      const words = this.#words[i] & mask;
      mask = -1;
      if (words === 0) continue;
      const found = i * 32 + lowest(words);
      return found * 32 + lowest(this.#bits[found]);
    }
    return -1;
  }

  #grow(words: number): void {
    const size = 1 << (32 - Math.clz32(words - 1));
    const bits = new Int32Array(size);
    bits.set(this.#bits);
    const summary = new Int32Array((size + 31) >>> 5);
    summary.set(this.#words);
    this.#bits = bits;
    this.#words = summary;
  }
}

/** The number of the lowest bit that is set. */
const lowest = (bits: number): number => 31 - Math.clz32(bits & -bits);

export const makeFeeds = (count: number): HtbFeed[] => Array.from({ length: count }, () => new HtbFeed());
