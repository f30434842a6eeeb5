import { csumAdd, csumFold, csumSub, type Address } from '@stack/memory';
import { CHECKSUM_COMPLETE, CHECKSUM_PARTIAL } from './constants.ts';
import type { SkBuff } from './skbuff.ts';

/**
 * Corrects the checksum at address `at` (as {@link SkBuff.transportHeader} is one) for 32 bits that changed from `before` to
 * `after`, both in network byte order read as an int32. `pseudo`: they are in the pseudo-header, not among the bytes that
 * the checksum covers. It writes the headers: call {@link skbEnsureWritable} first.
 *
 * @kernel net/core/utils.c inet_proto_csum_replace4()
 * @rfc 1624 3
 */
export function inetProtoCsumReplace4(skb: SkBuff, at: Address, before: number, after: number, pseudo: boolean): void {
  const { view } = skb.arena;
  const sum = view.getUint16(at);
  const partial = skb.ipSummed === CHECKSUM_PARTIAL;
  // What waits for the chip is the sum of the pseudo-header, not yet turned around.
  if (partial && pseudo) view.setUint16(at, ~csumFold(replaced(sum, before, after)) & 0xffff);
  if (partial) return;
  view.setUint16(at, csumFold(replaced(~sum & 0xffff, before, after)));
  // The sum over all bytes changes with those of the checksum itself, unless the bytes that changed are among them as well.
  if (pseudo && skb.ipSummed === CHECKSUM_COMPLETE) skb.csum = ~replaced(~skb.csum, before, after);
}

function replaced(sum: number, before: number, after: number): number {
  return csumAdd(csumSub(sum, before), after);
}
