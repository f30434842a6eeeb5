import { NET_RX_DROP } from '@stack/netdev';
import { EACCES, EHOSTUNREACH, ENETUNREACH } from '@stack/plugin';
import { DropReason, icmp, type SkBuff } from '@stack/skb';
import { icmpSend } from '../icmp/send.ts';
import { IpMib } from '../mib/ip-mib.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { skbRtable } from './route.ts';

/**
 * Input along a route that refuses: a host is silent, a router tells why.
 *
 * @kernel net/ipv4/route.c ip_error()
 */
export function ipError(net: NetnsIpv4, skb: SkBuff): number {
  const { error } = skbRtable(skb);
  const { counts } = net.mib;
  if (error === EHOSTUNREACH) counts[IpMib.IpInAddrErrors]++;
  else if (error === ENETUNREACH) counts[IpMib.IpExtInNoRoutes]++;
  if (net.sysctl.ipForward) {
    const code = codeOf(error);
    if (code >= 0) icmpSend(net, skb, icmp.DEST_UNREACH, code, 0);
  }
  skb.drop(error === ENETUNREACH ? DropReason.IP_INNOROUTES : DropReason.IP_INADDRERRORS);
  return NET_RX_DROP;
}

function codeOf(error: number): number {
  if (error === EHOSTUNREACH) return icmp.HOST_UNREACH;
  if (error === ENETUNREACH) return icmp.NET_UNREACH;
  return error === EACCES ? icmp.PKT_FILTERED : -1;
}

/**
 * The next hop does not answer: the sender is told.
 *
 * @kernel net/ipv4/route.c ipv4_link_failure()
 */
export function ipv4LinkFailure(net: NetnsIpv4, skb: SkBuff): void {
  if (skb.dst === null) return;
  icmpSend(net, skb, icmp.DEST_UNREACH, icmp.HOST_UNREACH, 0);
}
