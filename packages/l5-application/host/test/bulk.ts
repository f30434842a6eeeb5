import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Writable } from 'node:stream';

const CHUNK = 64 * 1024;

/** Bytes in which every misplaced piece shows: a multiplicative sequence that does not repeat within a chunk. */
function* chunks(bytes: number): Generator<Uint8Array> {
  let state = 1;
  for (let at = 0; at < bytes; at += CHUNK) {
    const words = new Uint32Array(Math.min(CHUNK, bytes - at) / 4);
    for (let i = 0; i < words.length; i++) words[i] = state = Math.imul(state, 1664525) + 1013904223;
    yield new Uint8Array(words.buffer);
  }
}

/** Writes the bulk to a stream at the pace at which it takes it, and ends it. */
export async function writeBulk(stream: Writable, bytes: number): Promise<void> {
  for (const chunk of chunks(bytes)) if (!stream.write(chunk)) await once(stream, 'drain');
  stream.end();
}

/** SHA-256 of the bulk. */
export function bulkHash(bytes: number): string {
  const hash = createHash('sha256');
  for (const chunk of chunks(bytes)) hash.update(chunk);
  return hash.digest('hex');
}

/** SHA-256 of what a stream brings. */
export async function hashOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest('hex');
}
