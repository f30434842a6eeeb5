import { RTN_BROADCAST, RTN_MULTICAST, type Rtable } from '@stack/ipv4';
import { CHECKSUM_COMPLETE, CHECKSUM_NONE, DropReason, icmp, ip, udp as header, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { udp4CsumInit, udpChecksumIsRight } from './checksum.ts';
import { udpliteChecksumIsRight } from './lite.ts';
import { UDP_MIB_CSUMERRORS, UDP_MIB_INERRORS, UDP_MIB_NOPORTS } from './mib.ts';
import { udp4LibMcastDeliver } from './multicast.ts';
import { udpQueueRcvSkb } from './queue.ts';
import type { UdpState } from './udp-state.ts';

/** A datagram from IP, `data` at the UDP header. @kernel net/ipv4/udp.c udp_rcv() */
export function udpRcv(udp: UdpState, skb: SkBuff): number {
  if (tracing.on) trace('udp_rcv', skb);
  udp4LibRcv(udp, skb);
  return 0;
}

/** @kernel net/ipv4/udp.c __udp4_lib_rcv() */
function udp4LibRcv(udp: UdpState, skb: SkBuff): void {
  if (!skb.mayPull(header.LENGTH)) return invalid(udp, skb, DropReason.PKT_TOO_SMALL);
  skb.resetTransportHeader();
  if (udp.isLite) {
    if (!udpliteChecksumIsRight(skb, udp.protocol)) return badChecksum(udp, skb);
  } else {
    if (!cutToLength(skb)) return invalid(udp, skb, DropReason.PKT_TOO_SMALL);
    udp4CsumInit(skb, udp.protocol);
  }
  const kind = (skb.dst as Rtable | null)?.type;
  if (kind === RTN_BROADCAST || kind === RTN_MULTICAST) return udp4LibMcastDeliver(udp, skb);
  const { dev } = skb;
  const sk = udp.table.lookup(ip.saddr(skb), header.source(skb), ip.daddr(skb), header.dest(skb), dev?.ifindex ?? 0);
  if (sk !== null) return udpQueueRcvSkb(sk, skb);
  noSocket(udp, skb);
}

/** The IP packet may be longer than the datagram: link layers pad. */
function cutToLength(skb: SkBuff): boolean {
  const length = header.length(skb);
  if (length < header.LENGTH || length > skb.len) return false;
  if (length === skb.len) return true;
  if (skb.ipSummed === CHECKSUM_COMPLETE) skb.ipSummed = CHECKSUM_NONE;
  return skb.trim(length);
}

/** Nobody has the port: the sender is told, unless the datagram is damaged. @rfc 1122 4.1.3.1 */
function noSocket(udp: UdpState, skb: SkBuff): void {
  if (!udpChecksumIsRight(skb)) return badChecksum(udp, skb);
  udp.mib.counts[UDP_MIB_NOPORTS]++;
  udp.ip.icmpSend(skb, icmp.DEST_UNREACH, icmp.PORT_UNREACH, 0);
  skb.drop(DropReason.NO_SOCKET);
}

function badChecksum(udp: UdpState, skb: SkBuff): void {
  udp.mib.counts[UDP_MIB_CSUMERRORS]++;
  invalid(udp, skb, DropReason.UDP_CSUM);
}

function invalid(udp: UdpState, skb: SkBuff, reason: number): void {
  udp.mib.counts[UDP_MIB_INERRORS]++;
  skb.drop(reason);
}
