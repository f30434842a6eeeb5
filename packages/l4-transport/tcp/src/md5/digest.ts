/** Sines, and how far each round turns. @rfc 1321 3.4 */
const K = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32));
const TURN = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21] as const;
const BLOCK = 64;

export const MD5_LENGTH = 16;

/** MD5, fed in pieces. One object serves any number of messages, one after another. @rfc 1321 */
export class Md5 {
  readonly #state = new Int32Array(4);
  readonly #words = new Int32Array(16);
  /** The block that is not full yet. */
  readonly #rest = new Uint8Array(BLOCK);
  readonly #restView = new DataView(this.#rest.buffer);
  #length = 0;

  begin(): void {
    this.#state[0] = 0x67452301;
    this.#state[1] = 0xefcdab89;
    this.#state[2] = 0x98badcfe;
    this.#state[3] = 0x10325476;
    this.#length = 0;
  }

  update(bytes: Uint8Array, from: number, length: number): void {
    let at = this.#length % BLOCK;
    for (let i = from; i < from + length; i++) {
      this.#rest[at++] = bytes[i];
      if (at < BLOCK) continue;
      this.#block();
      at = 0;
    }
    this.#length += length;
  }

  /** Big-endian, as headers are. */
  word(value: number): void {
    WORD.setInt32(0, value);
    this.update(WORD_BYTES, 0, 4);
  }

  /** Writes the digest. */
  end(into: Uint8Array, at: number): void {
    const bits = this.#length * 8;
    this.update(PADDING, 0, 1 + ((BLOCK + 55 - (this.#length % BLOCK)) % BLOCK));
    this.#restView.setUint32(56, bits >>> 0, true);
    this.#restView.setUint32(60, Math.floor(bits / 2 ** 32), true);
    this.#block();
    for (let i = 0; i < MD5_LENGTH; i++) into[at + i] = this.#state[i >> 2] >>> (8 * (i & 3));
  }

  #block(): void {
    const words = this.#words;
    const state = this.#state;
    for (let i = 0; i < 16; i++) words[i] = this.#restView.getInt32(4 * i, true);
    let [a, b, c, d] = [state[0], state[1], state[2], state[3]];
    for (let i = 0; i < BLOCK; i++) {
      const sum = (a + mix(i, b, c, d) + words[indexOf(i)] + K[i]) | 0;
      const turn = TURN[((i >> 4) << 2) | (i & 3)];
      a = d;
      d = c;
      c = b;
      b = (b + ((sum << turn) | (sum >>> (32 - turn)))) | 0;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
  }
}

const WORD_BYTES = new Uint8Array(4);
const WORD = new DataView(WORD_BYTES.buffer);
const PADDING = Uint8Array.from({ length: BLOCK }, (_, i) => (i === 0 ? 0x80 : 0));

function mix(i: number, b: number, c: number, d: number): number {
  if (i < 16) return (b & c) | (~b & d);
  if (i < 32) return (d & b) | (~d & c);
  return i < 48 ? b ^ c ^ d : c ^ (b | ~d);
}

function indexOf(i: number): number {
  if (i < 16) return i;
  if (i < 32) return (5 * i + 1) & 15;
  return i < 48 ? (3 * i + 5) & 15 : (7 * i) & 15;
}
