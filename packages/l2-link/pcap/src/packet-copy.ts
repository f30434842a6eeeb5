import type { Address } from '@stack/memory';
import { csumFold } from '@stack/memory';
import { CHECKSUM_PARTIAL, skbChecksum, skbCopyToBytes, type SkBuff } from '@stack/skb';

/** A packet as it would be on the wire: in one piece, with the checksum that hardware would have filled in. */
export class PacketCopy {
  bytes = new Uint8Array(1 << 17);
  length = 0;

  /** Takes the packet from one of its headers on. */
  take(skb: SkBuff, from: Address): void {
    const linear = skb.tail - from;
    this.length = linear + skb.dataLen;
    if (this.length > this.bytes.length) this.bytes = new Uint8Array(this.length);
    this.bytes.set(skb.arena.u8.subarray(from, skb.tail));
    skbCopyToBytes(skb, skb.headlen, this.bytes, linear, skb.dataLen);
    if (skb.ipSummed === CHECKSUM_PARTIAL && skb.csumStart >= skb.data) this.#fillInChecksum(skb, from);
  }

  /** The field holds the sum of the pseudo-header so far. */
  #fillInChecksum(skb: SkBuff, from: Address): void {
    const start = skb.csumStart - skb.data;
    const checksum = csumFold(skbChecksum(skb, start, skb.len - start, 0));
    const at = skb.csumStart + skb.csumOffset - from;
    this.bytes[at] = checksum >>> 8;
    this.bytes[at + 1] = checksum;
  }
}
