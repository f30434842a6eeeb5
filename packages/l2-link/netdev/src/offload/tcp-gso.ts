import { csumFold, csumPseudo } from '@stack/memory';
import { CHECKSUM_PARTIAL, ip, SKB_GSO_TCP_ACCECN, skbHandOnTimestamps, tcp, type SkBuff } from '@stack/skb';
import { NETIF_F_CSUM_MASK } from '../constants.ts';
import { skbChecksumHelp } from '../transmit/checksum-help.ts';
import { dropSegments, skbSegment } from './skb-segment.ts';

const CHECK_OFFSET = 16;

/**
 * Cuts a TCP packet: each segment has its own sequence number and checksum; CWR stays in the first (unless it is
 * part of a count), FIN and PSH in the last.
 *
 * @kernel net/ipv4/tcp_offload.c tcp_gso_segment()
 */
export function tcp4GsoSegment(skb: SkBuff, features: number): SkBuff | null {
  const headers = skb.transportHeader - skb.data + tcp.headerLength(skb);
  if (headers >= skb.len || !skb.mayPull(headers)) return null;
  const segments = skbSegment(skb, headers, features);
  const flags = tcp.flags(skb);
  const length = tcp.headerLength(skb);
  const checksums = (features & NETIF_F_CSUM_MASK) !== 0;
  const onlyInFirst = (skb.shinfo.gsoType & SKB_GSO_TCP_ACCECN) === 0 ? tcp.CWR : 0;
  let seq = tcp.seq(skb);
  if (segments !== null && skb.shinfo.txFlags !== 0) tcpGsoTstamp(segments, skb, seq);
  for (let part = segments; part !== null; part = part.next) {
    let own = flags;
    if (part !== segments) own &= ~onlyInFirst;
    if (part.next !== null) own &= ~(tcp.FIN | tcp.PSH);
    tcp.setSeq(part, seq);
    tcp.setLengthAndFlags(part, length, own);
    leaveChecksum(part);
    if (!checksums && !skbChecksumHelp(part)) return dropSegments(segments);
    seq = (seq + part.len - headers) | 0;
  }
  return segments;
}

/** The segment with the byte whose time is asked for tells it. @kernel net/ipv4/tcp_offload.c tcp_gso_tstamp() */
function tcpGsoTstamp(segments: SkBuff, skb: SkBuff, seq: number): void {
  const { gsoSize, tskey } = skb.shinfo;
  let part = segments;
  for (let left = (tskey - seq) | 0; left >= gsoSize && part.next !== null; left -= gsoSize) part = part.next;
  skbHandOnTimestamps(part, skb);
}

/** The sum of the pseudo-header stands where the checksum will be. @kernel net/ipv4/tcp_ipv4.c __tcp_v4_send_check() */
function leaveChecksum(skb: SkBuff): void {
  const pseudo = csumPseudo(ip.saddr(skb), ip.daddr(skb), skb.len - (skb.transportHeader - skb.data), ip.PROTO_TCP);
  tcp.setCheck(skb, ~csumFold(pseudo) & 0xffff);
  skb.csumStart = skb.transportHeader;
  skb.csumOffset = CHECK_OFFSET;
  skb.ipSummed = CHECKSUM_PARTIAL;
}
