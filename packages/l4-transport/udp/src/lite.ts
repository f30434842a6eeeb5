import { csumFold, csumPseudo } from '@stack/memory';
import { CHECKSUM_UNNECESSARY, ip, skbChecksum, udp as header, type SkBuff } from '@stack/skb';
import type { UdpSock } from './udp-sock.ts';

/** Bytes that the checksum covers, as the sender said; 0 in the header means all. @rfc 3828 3.1 */
export function liteCoverage(skb: SkBuff): number {
  return header.length(skb) || skb.len;
}

/**
 * Checks coverage and checksum of a UDP-Lite datagram, `data` at its header. False when it must be dropped.
 *
 * @kernel include/net/udplite.h udplite_checksum_init()
 * @rfc 3828 3.1
 */
export function udpliteChecksumIsRight(skb: SkBuff, protocol: number): boolean {
  const coverage = liteCoverage(skb);
  if (coverage < header.LENGTH || coverage > skb.len || header.check(skb) === 0) return false;
  const pseudo = csumPseudo(ip.saddr(skb), ip.daddr(skb), skb.len, protocol);
  if (csumFold(skbChecksum(skb, 0, coverage, pseudo)) !== 0) return false;
  skb.ipSummed = CHECKSUM_UNNECESSARY;
  return true;
}

/** Whether the sender covered as much as the receiver asked for. @rfc 3828 3.3 */
export function coversEnough(sk: UdpSock, skb: SkBuff): boolean {
  const coverage = liteCoverage(skb);
  if (coverage >= skb.len || sk.receiveCoverage < 0) return true;
  return sk.receiveCoverage !== 0 && coverage >= sk.receiveCoverage;
}

/** How much the checksum of a datagram of `length` bytes (with its header) shall cover. */
export function coverageToSend(sk: UdpSock, length: number): number {
  return sk.sendCoverage === 0 ? length : Math.min(sk.sendCoverage, length);
}
