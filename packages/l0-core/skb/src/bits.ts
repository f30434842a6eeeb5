import type { Address } from '@stack/memory';
import { eachPiece } from './pieces.ts';
import type { SkBuff } from './skbuff.ts';

/**
 * Copies `length` bytes from `offset` of the packet, wherever they lie, to an address of the arena. The caller
 * has checked that they exist.
 *
 * @kernel net/core/skbuff.c skb_copy_bits()
 */
export function skbCopyBits(skb: SkBuff, offset: number, to: Address, length: number): void {
  const { copy } = skb.pool.sinks;
  copy.to = to;
  eachPiece(skb, offset, length, copy);
}

/** The same, to bytes outside of the arena, from index `into` on. @kernel net/core/datagram.c skb_copy_datagram_iter() */
export function skbCopyToBytes(skb: SkBuff, offset: number, to: Uint8Array, into: number, length: number): void {
  const { copyOut } = skb.pool.sinks;
  copyOut.bytes = to;
  copyOut.into = into;
  eachPiece(skb, offset, length, copyOut);
  copyOut.done();
}

/**
 * Partial Internet checksum of `length` bytes from `offset` of the packet, added to `sum`.
 *
 * @kernel net/core/skbuff.c skb_checksum()
 */
export function skbChecksum(skb: SkBuff, offset: number, length: number, sum: number): number {
  const sink = skb.pool.sinks.sum;
  sink.sum = sum;
  sink.summed = 0;
  eachPiece(skb, offset, length, sink);
  return sink.sum;
}
