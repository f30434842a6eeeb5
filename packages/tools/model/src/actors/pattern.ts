/** What a side writes: a stream that looks different at every offset. */
export const LONGEST = 1 << 17;

function stream(salt: number): Uint8Array {
  const bytes = new Uint8Array(LONGEST);
  for (let i = 0; i < LONGEST; i++) bytes[i] = Math.imul(i + salt, 0x9e3779b1) >>> 24;
  return bytes;
}

export const STREAMS = { client: stream(1), server: stream(500_000) } as const;

/** The first place at which the bytes are not those of the stream from `at` on; -1: they are. */
export function firstWrong(stream: Uint8Array, at: number, bytes: Uint8Array, length: number): number {
  for (let i = 0; i < length; i++) if (bytes[i] !== stream[at + i]) return at + i;
  return -1;
}
