import { expect, test } from 'vitest';
import { ByteSink } from '../src/byte-sink.ts';

const FIRST_SIZE = 65_536;

test.each([
  ['u8', [0xef]],
  ['u16', [0xef, 0xbe]],
  ['u32', [0xef, 0xbe, 0xad, 0x5e]],
  ['u64', [0xef, 0xbe, 0xad, 0x5e, 0, 0, 0, 0]],
  ['timestamp', [0, 0, 0, 0, 0xef, 0xbe, 0xad, 0x5e]],
] as const)('%s grows the buffer wherever it ends', (write, bytes) => {
  for (let room = 0; room <= bytes.length; room++) {
    const sink = new ByteSink();
    sink.bytes(new Uint8Array(FIRST_SIZE - room).fill(7), 0, FIRST_SIZE - room);
    sink[write](0x5eadbeef);
    expect([...sink.copy().subarray(FIRST_SIZE - room - 1)]).toEqual([7, ...bytes]);
  }
});
