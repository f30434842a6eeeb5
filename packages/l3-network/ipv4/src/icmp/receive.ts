import { csumFold } from '@stack/memory';
import { NET_RX_DROP, NET_RX_SUCCESS } from '@stack/netdev';
import { CHECKSUM_COMPLETE, CHECKSUM_UNNECESSARY, DropReason, icmp, skbChecksum, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { countIn, IcmpMib } from '../mib/icmp-mib.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { RTCF_BROADCAST, RTCF_MULTICAST, skbRtable } from '../route/route.ts';
import { pingRcv } from './ping.ts';
import { icmpEcho, icmpTimestamp } from './reply.ts';
import { icmpRedirect, icmpUnreach } from './unreach.ts';

const SOURCE_QUENCH = 4;
const NR_ICMP_TYPES = 18;

/**
 * An ICMP message came in. Owns the skb; `data` is at the ICMP header.
 *
 * @kernel net/ipv4/icmp.c icmp_rcv()
 */
export function icmpRcv(net: NetnsIpv4, skb: SkBuff): number {
  if (tracing.on) trace('icmp_rcv', skb);
  const { counts } = net.icmp.mib;
  counts[IcmpMib.IcmpInMsgs]++;
  if (!checksumIsRight(skb)) {
    counts[IcmpMib.IcmpInCsumErrors]++;
    return error(net, skb, DropReason.ICMP_CSUM);
  }
  if (!skb.mayPull(icmp.LENGTH)) return error(net, skb, DropReason.PKT_TOO_SMALL);
  skb.resetTransportHeader();
  const type = icmp.type(skb);
  countIn(counts, type);
  net.icmp.received[type]++;
  if (type > NR_ICMP_TYPES) return error(net, skb, DropReason.UNHANDLED_PROTO);
  if (!mayBeToMany(net, skb, type)) return error(net, skb, DropReason.INVALID_PROTO);
  handle(net, skb, type);
  skb.consume();
  return NET_RX_SUCCESS;
}

function handle(net: NetnsIpv4, skb: SkBuff, type: number): void {
  switch (type) {
    case icmp.ECHO:
      return icmpEcho(net, skb);
    case icmp.ECHO_REPLY:
      return pingRcv(net, skb);
    case icmp.TIMESTAMP:
      return icmpTimestamp(net, skb);
    case icmp.REDIRECT:
      return icmpRedirect(net, skb);
    case icmp.DEST_UNREACH:
    case icmp.TIME_EXCEEDED:
    case icmp.PARAMETER_PROBLEM:
    case SOURCE_QUENCH:
      return icmpUnreach(net, skb, type);
    default:
  }
}

/** Questions to everybody are answered only if the host is told to; other messages never come to everybody. @rfc 1122 3.2.2.6 */
function mayBeToMany(net: NetnsIpv4, skb: SkBuff, type: number): boolean {
  if ((skbRtable(skb).flags & (RTCF_BROADCAST | RTCF_MULTICAST)) === 0) return true;
  return (type === icmp.ECHO || type === icmp.TIMESTAMP) && !net.sysctl.icmpEchoIgnoreBroadcasts;
}

/** @kernel include/linux/skbuff.h skb_checksum_simple_validate() */
function checksumIsRight(skb: SkBuff): boolean {
  if (skb.ipSummed === CHECKSUM_UNNECESSARY) return true;
  if (skb.ipSummed === CHECKSUM_COMPLETE && csumFold(skb.csum) === 0) return true;
  return csumFold(skbChecksum(skb, 0, skb.len, 0)) === 0;
}

function error(net: NetnsIpv4, skb: SkBuff, reason: number): number {
  net.icmp.mib.counts[IcmpMib.IcmpInErrors]++;
  skb.drop(reason);
  return NET_RX_DROP;
}
