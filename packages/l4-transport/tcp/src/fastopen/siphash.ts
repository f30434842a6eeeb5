/** Four 64-bit words, each as its lower and upper half. */
const v = new Uint32Array(8);

/** `v[a] += v[b]` */
function add(a: number, b: number): void {
  const low = v[a] + v[b];
  v[a + 1] += v[b + 1] + (low > 0xffffffff ? 1 : 0);
  v[a] = low;
}

/** `v[a] = rotate(v[a], by) ^ v[b]` */
function mix(a: number, b: number, by: number): void {
  rotate(a, by);
  v[a] ^= v[b];
  v[a + 1] ^= v[b + 1];
}

function rotate(a: number, by: number): void {
  const swap = by >= 32;
  const low = swap ? v[a + 1] : v[a];
  const high = swap ? v[a] : v[a + 1];
  const bits = by & 31;
  v[a] = bits === 0 ? low : (low << bits) | (high >>> (32 - bits));
  v[a + 1] = bits === 0 ? high : (high << bits) | (low >>> (32 - bits));
}

function round(): void {
  add(0, 2);
  mix(2, 0, 13);
  rotate(0, 32);
  add(4, 6);
  mix(6, 4, 16);
  add(0, 6);
  mix(6, 0, 21);
  add(4, 2);
  mix(2, 4, 17);
  rotate(4, 32);
}

function absorb(low: number, high: number): void {
  v[6] ^= low;
  v[7] ^= high;
  round();
  round();
  v[0] ^= low;
  v[1] ^= high;
}

/**
 * SipHash-2-4 of eight bytes, under a key of sixteen. Words are read and written little-endian; the eight bytes of the
 * result are put at the front of `into`.
 *
 * @kernel lib/siphash.c siphash()
 */
export function sipHash(key: Uint8Array, low: number, high: number, into: Uint8Array): void {
  const k = new DataView(key.buffer, key.byteOffset, 16);
  for (let i = 0; i < 8; i++) v[i] = k.getUint32((i & 3) * 4, true) ^ START[i];
  absorb(low, high);
  absorb(0, 8 << 24); // the length, in the last byte
  v[4] ^= 0xff;
  for (let i = 0; i < 4; i++) round();
  const result = new DataView(into.buffer, into.byteOffset, 8);
  result.setUint32(0, v[0] ^ v[2] ^ v[4] ^ v[6], true);
  result.setUint32(4, v[1] ^ v[3] ^ v[5] ^ v[7], true);
}

/** "somepseudorandomlygeneratedbytes", lower halves first. */
const START = [0x70736575, 0x736f6d65, 0x6e646f6d, 0x646f7261, 0x6e657261, 0x6c796765, 0x79746573, 0x74656462] as const;
