import { csumAdd, csumFold, csumPseudo } from '@stack/memory';
import { CHECKSUM_COMPLETE, CHECKSUM_PARTIAL, CHECKSUM_UNNECESSARY, ip, skbChecksum, type SkBuff } from '@stack/skb';
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
 * Whether the transport checksum is right, with the pseudo-header of IPv4. What was summed here need not be summed
 * again further up.
 *
 * @kernel include/net/gro.h skb_gro_checksum_validate()
 */
export function groChecksumValidate(skb: SkBuff, protocol: number): boolean {
  if (skb.ipSummed === CHECKSUM_UNNECESSARY || skb.ipSummed === CHECKSUM_PARTIAL) return true;
  const offset = skb.cb[DATA_OFFSET];
  const pseudo = csumPseudo(ip.saddr(skb), ip.daddr(skb), skb.len - offset, protocol);
  // The sum of the whole packet is that of the transport's part: a right IP header sums to nothing.
  if (skb.ipSummed === CHECKSUM_COMPLETE) return csumFold(csumAdd(skb.csum, pseudo)) === 0;
  if (csumFold(skbChecksum(skb, offset, skb.len - offset, pseudo)) !== 0) return false;
  skb.ipSummed = CHECKSUM_UNNECESSARY;
  skb.csumLevel = 0;
  return true;
}
