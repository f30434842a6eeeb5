import { csumFold } from '@stack/memory';
import { CHECKSUM_COMPLETE, CHECKSUM_NONE, skbChecksum, skbEnsureWritable, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';

/**
 * Computes and stores the checksum that was left to the device. False when memory is lacking or the packet is
 * malformed; it stays with the caller.
 *
 * @kernel net/core/dev.c skb_checksum_help()
 */
export function skbChecksumHelp(skb: SkBuff): boolean {
  if (tracing.on) trace('skb_checksum_help', skb);
  if (skb.ipSummed === CHECKSUM_COMPLETE) {
    skb.ipSummed = CHECKSUM_NONE;
    return true;
  }
  const start = skb.csumStart - skb.data;
  if (start < 0 || start + skb.csumOffset + 2 > skb.headlen) return false;
  if (!skbEnsureWritable(skb, start + skb.csumOffset + 2)) return false;
  const check = csumFold(skbChecksum(skb, start, skb.len - start, 0));
  // A computed 0 goes out as 0xffff: to UDP, 0 says that there is no checksum.
  skb.arena.view.setUint16(skb.csumStart + skb.csumOffset, check === 0 ? 0xffff : check);
  skb.ipSummed = CHECKSUM_NONE;
  return true;
}
