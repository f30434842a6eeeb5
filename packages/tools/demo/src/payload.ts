import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { seededRandom } from '@stack/clock';

const CHUNK = 65_536;

/** Bytes that look random and are the same each time: `total` of them, in chunks of 64 KB. */
export function* chunks(total: number, seed: number): Generator<Buffer> {
  const random = seededRandom(seed);
  const pool = Buffer.alloc(4 * CHUNK);
  for (let at = 0; at < pool.length; at += 4) pool.writeInt32LE(random.int32(), at);
  for (let left = total; left > 0; left -= CHUNK) {
    const from = random.below(3 * CHUNK);
    yield pool.subarray(from, from + Math.min(CHUNK, left));
  }
}

/** A stream of {@link chunks} whose SHA-256 is known at its end. */
export function payload(total: number, seed: number): { stream: Readable; digest(): string } {
  const hash = createHash('sha256');
  const hashed = function* (): Generator<Buffer> {
    for (const chunk of chunks(total, seed)) {
      hash.update(chunk);
      yield chunk;
    }
  };
  return {
    stream: Readable.from(hashed(), { objectMode: false, highWaterMark: 4 * CHUNK }),
    digest: () => hash.digest('hex'),
  };
}
