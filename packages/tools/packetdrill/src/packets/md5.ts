import { createHash } from 'node:crypto';

const HEADER = 20;
const KIND = 19;
export const DIGEST = 16;

/** What a TCP segment is to be signed with. Addresses int32; the checksum and the options do not count. @rfc 2385 2.0 */
export function md5Digest(source: number, destination: number, segment: Uint8Array, key: Uint8Array): Uint8Array {
  const pseudo = new DataView(new ArrayBuffer(12));
  pseudo.setInt32(0, source);
  pseudo.setInt32(4, destination);
  pseudo.setUint8(9, 6);
  pseudo.setUint16(10, segment.length);
  const header = segment.slice(0, HEADER);
  header.fill(0, 16, 18);
  const payload = segment.subarray((segment[12] >>> 4) * 4);
  const hash = createHash('md5');
  for (const part of [new Uint8Array(pseudo.buffer), header, payload, key]) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** Where in the segment the digest is; -1 when it has none. */
export function digestAt(segment: Uint8Array): number {
  const end = (segment[12] >>> 4) * 4;
  for (let at = HEADER; at < end && segment[at] !== 0;) {
    if (segment[at] === KIND) return at + 2;
    at += segment[at] === 1 ? 1 : Math.max(segment[at + 1], 2);
  }
  return -1;
}
