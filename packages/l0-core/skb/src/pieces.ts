import { csumBlockAdd, type Address, type Arena } from '@stack/memory';
import type { SkBuff } from './skbuff.ts';

/** What is done with each piece of a packet that lies in one place. */
export interface PieceSink {
  piece(arena: Arena, at: Address, length: number): void;
}

/**
 * Hands `length` bytes from `offset` of the packet to `sink`, piece by piece. The caller has checked that they exist.
 *
 * @kernel net/core/skbuff.c skb_seq_read()
 */
export function eachPiece(skb: SkBuff, offset: number, length: number, sink: PieceSink): void {
  const { arena, shinfo } = skb;
  const end = offset + length;
  let start = skb.headlen;
  let at = offset;
  if (at < start && at < end) {
    const n = Math.min(start, end) - at;
    sink.piece(arena, skb.data + at, n);
    at += n;
  }
  for (let i = 0; i < shinfo.nrFrags && at < end; i++) {
    const next = start + shinfo.fragSize[i];
    if (at < next) {
      const n = Math.min(next, end) - at;
      sink.piece(arena, shinfo.fragAddress(i) + at - start, n);
      at += n;
    }
    start = next;
  }
  for (let part = shinfo.fragList; part !== null && at < end; part = part.next) {
    const next = start + part.len;
    if (at < next) {
      const n = Math.min(next, end) - at;
      eachPiece(part, at - start, n, sink);
      at += n;
    }
    start = next;
  }
}

/** Copies within the arena. */
class Copy implements PieceSink {
  to: Address = 0;

  piece(arena: Arena, at: Address, length: number): void {
    arena.copy(this.to, at, length);
    this.to += length;
  }
}

const NO_BYTES = new Uint8Array(0);

/** So many bytes are copied sooner than a view of them is made. */
const FEW = 64;

/** Copies out of the arena. */
class CopyOut implements PieceSink {
  bytes: Uint8Array = NO_BYTES;
  into = 0;

  piece(arena: Arena, at: Address, length: number): void {
    const { bytes, into } = this;
    const { u8 } = arena;
    if (length <= FEW) for (let i = 0; i < length; i++) bytes[into + i] = u8[at + i];
    else bytes.set(u8.subarray(at, at + length), into);
    this.into = into + length;
  }

  /** Lets go of the user's bytes. */
  done(): void {
    this.bytes = NO_BYTES;
  }
}

/** Sums. */
class Sum implements PieceSink {
  sum = 0;
  summed = 0;

  piece(arena: Arena, at: Address, length: number): void {
    this.sum = csumBlockAdd(this.sum, arena.checksum(at, length, 0), this.summed);
    this.summed += length;
  }
}

/** The sinks of a pool, made once, so that walking a packet allocates nothing. */
export class PieceSinks {
  readonly copy = new Copy();
  readonly copyOut = new CopyOut();
  readonly sum = new Sum();
}
