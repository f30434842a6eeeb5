import { csumAdd, csumFold, csumPseudo } from '@stack/memory';
import {
  CHECKSUM_COMPLETE,
  CHECKSUM_NONE,
  CHECKSUM_PARTIAL,
  CHECKSUM_UNNECESSARY,
  ip,
  skbChecksum,
  udp as header,
  type SkBuff,
} from '@stack/skb';

/** Whether nothing is left to verify. @kernel include/linux/skbuff.h skb_csum_unnecessary() */
function isVerified(skb: SkBuff): boolean {
  return skb.ipSummed === CHECKSUM_UNNECESSARY || skb.ipSummed === CHECKSUM_PARTIAL;
}

/**
 * Prepares the verification of a datagram, `data` at its header: the sum itself waits until the application reads, so
 * that a datagram which is dropped costs none.
 *
 * @kernel net/ipv4/udp.c udp4_csum_init()
 */
export function udp4CsumInit(skb: SkBuff, protocol: number): void {
  if (isVerified(skb)) return;
  if (header.check(skb) === 0) {
    skb.ipSummed = CHECKSUM_UNNECESSARY;
    return;
  }
  const pseudo = csumPseudo(ip.saddr(skb), ip.daddr(skb), skb.len, protocol);
  if (skb.ipSummed === CHECKSUM_COMPLETE && csumFold(csumAdd(skb.csum, pseudo)) === 0) {
    skb.ipSummed = CHECKSUM_UNNECESSARY;
    return;
  }
  skb.ipSummed = CHECKSUM_NONE;
  skb.csum = pseudo;
}

/** Takes the header off and, if the sum is still to be made, into it. @kernel include/net/udp.h udp_csum_pull_header() */
export function udpCsumPullHeader(skb: SkBuff): void {
  if (!isVerified(skb)) skb.csum = skb.arena.checksum(skb.data, header.LENGTH, skb.csum);
  skb.pull(header.LENGTH);
}

/** Whether the checksum is right; verified at most once. @kernel include/net/udp.h udp_lib_checksum_complete() */
export function udpChecksumIsRight(skb: SkBuff): boolean {
  if (isVerified(skb)) return true;
  if (csumFold(skbChecksum(skb, 0, skb.len, skb.csum)) !== 0) return false;
  skb.ipSummed = CHECKSUM_UNNECESSARY;
  return true;
}
