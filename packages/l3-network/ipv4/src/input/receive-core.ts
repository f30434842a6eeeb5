import { csumSub } from '@stack/memory';
import {
  CHECKSUM_COMPLETE,
  DropReason,
  ip,
  PACKET_OTHERHOST,
  skbChecksum,
  skbShareCheck,
  type SkBuff,
} from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { INET_ECN_MASK } from '../constants.ts';
import { ipcbReset } from '../ipcb.ts';
import { IpMib } from '../mib/ip-mib.ts';
import type { NetnsIpv4 } from '../netns.ts';

/** Counters of the ECN field, by its value. */
const ECN_COUNTERS = [IpMib.IpExtInNoECTPkts, IpMib.IpExtInECT1Pkts, IpMib.IpExtInECT0Pkts, IpMib.IpExtInCEPkts];

/**
 * Whether this is a packet at all: version, lengths, checksum. Gives back the packet, alone owned and without padding,
 * or null when it was dropped.
 *
 * @kernel net/ipv4/ip_input.c ip_rcv_core()
 * @rfc 1122 3.2.1
 */
export function ipRcvCore(net: NetnsIpv4, received: SkBuff): SkBuff | null {
  const { counts } = net.mib;
  if (tracing.on) trace('ip_rcv_core', received);
  if (received.pktType === PACKET_OTHERHOST) return dropped(received, DropReason.OTHERHOST);
  counts[IpMib.IpInReceives]++;
  counts[IpMib.IpExtInOctets] += received.len;
  const skb = skbShareCheck(received);
  if (!skb.mayPull(ip.LENGTH)) return badHeader(net, skb);
  skb.resetNetworkHeader();
  const header = ip.headerLength(skb);
  if (ip.version(skb) !== 4 || header < ip.LENGTH) return badHeader(net, skb);
  const segments = skb.shinfo.gsoSegs;
  counts[ECN_COUNTERS[ip.tos(skb) & INET_ECN_MASK]] += segments > 1 ? segments : 1;
  if (!skb.mayPull(header)) return badHeader(net, skb);
  skb.resetNetworkHeader(); // pulling may have moved it
  if (!ip.checkIsRight(skb)) {
    counts[IpMib.IpExtInCsumErrors]++;
    counts[IpMib.IpInHdrErrors]++;
    return dropped(skb, DropReason.IP_CSUM);
  }
  const length = ip.totalLength(skb);
  if (skb.len < length) {
    counts[IpMib.IpExtInTruncatedPkts]++;
    return dropped(skb, DropReason.PKT_TOO_SMALL);
  }
  if (length < header) return badHeader(net, skb);
  if (skb.len > length && !trimRcsum(skb, length)) {
    counts[IpMib.IpInDiscards]++;
    return dropped(skb, DropReason.NOMEM);
  }
  skb.transportHeader = skb.networkHeader + header;
  ipcbReset(skb);
  skb.orphan();
  return skb;
}

/** Cuts off the padding of short frames, also from the device's checksum. @kernel include/linux/skbuff.h pskb_trim_rcsum() */
export function trimRcsum(skb: SkBuff, length: number): boolean {
  if (skb.ipSummed === CHECKSUM_COMPLETE) {
    const rest = skbChecksum(skb, length, skb.len - length, 0);
    // Bytes behind an odd length stand the other way round in the sum.
    skb.csum = csumSub(skb.csum, (length & 1) === 1 ? (rest << 8) | (rest >>> 24) : rest);
  }
  return skb.trim(length);
}

function badHeader(net: NetnsIpv4, skb: SkBuff): null {
  net.mib.counts[IpMib.IpInHdrErrors]++;
  return dropped(skb, DropReason.IP_INHDR);
}

function dropped(skb: SkBuff, reason: number): null {
  skb.drop(reason);
  return null;
}
