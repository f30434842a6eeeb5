import { expect, test } from 'vitest';
import { sipHash } from '../src/fastopen/siphash.ts';

test('SipHash gives what its authors say', () => {
  // From the reference vectors: the key 00 01 .. 0f, the message 00 01 .. 07.
  const result = new Uint8Array(8);
  sipHash(
    Uint8Array.from({ length: 16 }, (_, i) => i),
    0x03020100,
    0x07060504,
    result,
  );
  expect([...result]).toEqual([0x62, 0x24, 0x93, 0x9a, 0x79, 0xf5, 0xf5, 0x93]);
});
