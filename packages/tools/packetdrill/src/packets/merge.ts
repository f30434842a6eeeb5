import { ACK, CWR, ECE, RST, SYN, URG } from '../language/tcp-flags.ts';
import type { SeenPacket, SeenTcp } from './seen-packet.ts';

/** What segments that stand for one line must have in common. */
const COMMON_FLAGS = ACK | RST | SYN | URG | ECE;

/**
 * What keeps `next` from being the following segment of `parts`, which are pieces of one line; null when nothing does.
 */
export function mergeProblem(parts: readonly SeenPacket[], next: SeenPacket): string | null {
  const last = parts.at(-1)!;
  const [one, other] = [last.body as SeenTcp, next.body as SeenTcp];
  if (next.body?.protocol !== 'tcp') return 'a packet of another protocol';
  if ((one.flags & COMMON_FLAGS) !== (other.flags & COMMON_FLAGS)) return 'other flags';
  if (one.ack !== other.ack) return 'another ack';
  if (one.window !== other.window) return 'another window';
  if (one.headerLength !== other.headerLength) return 'a header of another length';
  if ((one.seq + one.length) >>> 0 !== other.seq) return 'a sequence number that does not follow';
  const before = parts.at(-2)?.body as SeenTcp | undefined;
  return before !== undefined && before.length !== one.length ? 'lengths that change in between' : null;
}

/** The segments as if they had been one: headers and time of the last, beginning and CWR of the first. */
export function mergeParts(parts: readonly SeenPacket[]): SeenPacket {
  const last = parts.at(-1)!;
  if (parts.length === 1) return last;
  const [first, body] = [parts[0].body as SeenTcp, last.body as SeenTcp];
  const flags = (body.flags & ~CWR) | (first.flags & CWR);
  const length = parts.reduce((sum, part) => sum + (part.body as SeenTcp).length, 0);
  return { ...last, body: { ...body, flags, seq: first.seq, length } };
}
