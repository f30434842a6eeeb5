import { csumAdd, csumFold } from '@stack/memory';
import {
  CHECKSUM_COMPLETE,
  CHECKSUM_NONE,
  CHECKSUM_UNNECESSARY,
  skbChecksum,
  type SkBuff,
} from '@stack/skb';
import { DATA_OFFSET, FLUSH } from './gro-cb.ts';

/**
 * Makes `bytes` from the data offset on readable; false, and the packet will not be held, when there are not as many.
 *
 * @kernel include/net/gro.h skb_gro_header()
 */
export function groHeader(skb: SkBuff, bytes: number): boolean {
  if (skb.mayPull(skb.cb[DATA_OFFSET] + bytes)) return true;
  skb.cb[FLUSH] = 1;
  return false;
}

/** Bytes from the data offset on. @kernel include/net/gro.h skb_gro_len() */
export function groLen(skb: SkBuff): number {
  return skb.len - skb.cb[DATA_OFFSET];
}

/**
 * Whether the transport checksum is right; `pseudo` is the partial sum of the pseudo-header. What was summed here
 * need not be summed again further up.
 *
 * @kernel include/net/gro.h skb_gro_checksum_validate()
 */
export function groChecksumValidate(skb: SkBuff, pseudo: number): boolean {
  if (skb.ipSummed === CHECKSUM_NONE) {
    const offset = skb.cb[DATA_OFFSET];
    if (csumFold(skbChecksum(skb, offset, skb.len - offset, pseudo)) !== 0) return false;
    skb.ipSummed = CHECKSUM_UNNECESSARY;
    skb.csumLevel = 0;
    return true;
  }
  // The sum of the whole packet is that of the transport's part: a right IP header sums to nothing.
  return skb.ipSummed !== CHECKSUM_COMPLETE || csumFold(csumAdd(skb.csum, pseudo)) === 0;
}
