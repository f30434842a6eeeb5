import { llReservedSpace } from '@stack/neigh';
import { NET_RX_DROP, type NetDevice } from '@stack/netdev';
import { NF_HOOK, NF_INET_FORWARD } from '@stack/netfilter';
import {
  CHECKSUM_COMPLETE,
  CHECKSUM_NONE,
  DropReason,
  icmp,
  ip,
  PACKET_HOST,
  pskbExpandHead,
  type SkBuff,
} from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { icmpSend } from '../icmp/send.ts';
import {
  IPCB_FLAGS,
  IPCB_FRAG_MAX_SIZE,
  IPCB_OPT,
  IPCB_OPTLEN,
  IPCB_SRR,
  IPSKB_DOREDIRECT,
  IPSKB_FORWARDED,
  OPT_STRICTROUTE,
} from '../ipcb.ts';
import { IpMib } from '../mib/ip-mib.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { XFRM_POLICY_FWD, xfrmPolicyCheck } from '../policy.ts';
import { gsoValidateNetworkLen } from '../output/gso.ts';
import { dstOutput } from '../output/local-out.ts';
import { ipDstMtuMaybeForward } from '../output/mtu.ts';
import { ipRtSendRedirect } from '../route/redirect.ts';
import { skbRtable } from '../route/route.ts';
import { ipForwardOptions } from './forward-options.ts';

/**
 * The packet is for somebody else and we are a router.
 *
 * @kernel net/ipv4/ip_forward.c ip_forward()
 * @rfc 1812 5.3.1
 */
export function ipForward(net: NetnsIpv4, skb: SkBuff): number {
  if (tracing.on) trace('ip_forward', skb);
  if (skb.pktType !== PACKET_HOST || skb.sk !== null) return dropped(skb, DropReason.NOT_SPECIFIED);
  const { policies } = net.xfrm;
  if (policies !== null && !xfrmPolicyCheck(policies, skb, XFRM_POLICY_FWD))
    return dropped(skb, DropReason.XFRM_POLICY);
  if (ip.ttl(skb) <= 1) {
    net.mib.counts[IpMib.IpInHdrErrors]++;
    icmpSend(net, skb, icmp.TIME_EXCEEDED, icmp.EXC_TTL, 0);
    return dropped(skb, DropReason.IP_INHDR);
  }
  const route = skbRtable(skb);
  if (skb.cb[IPCB_OPTLEN] !== 0 && (skb.cb[IPCB_OPT] & OPT_STRICTROUTE) !== 0 && route.gateway !== 0) {
    icmpSend(net, skb, icmp.DEST_UNREACH, icmp.SR_FAILED, 0);
    return dropped(skb, DropReason.NOT_SPECIFIED);
  }
  skb.cb[IPCB_FLAGS] |= IPSKB_FORWARDED;
  const mtu = ipDstMtuMaybeForward(net, route, true);
  if (ipExceedsMtu(skb, mtu)) {
    net.mib.counts[IpMib.IpFragFails]++;
    icmpSend(net, skb, icmp.DEST_UNREACH, icmp.FRAG_NEEDED, mtu);
    return dropped(skb, DropReason.PKT_TOO_BIG);
  }
  if (!cow(skb, llReservedSpace(route.dev))) {
    net.mib.counts[IpMib.IpOutDiscards]++;
    return dropped(skb, DropReason.NOMEM);
  }
  if (skb.ipSummed === CHECKSUM_COMPLETE) skb.ipSummed = CHECKSUM_NONE; // the header changes
  ip.decreaseTtl(skb);
  const sourceRouted = skb.cb[IPCB_OPTLEN] !== 0 && skb.cb[IPCB_SRR] !== 0;
  if ((skb.cb[IPCB_FLAGS] & IPSKB_DOREDIRECT) !== 0 && !sourceRouted) ipRtSendRedirect(net, skb);
  return NF_HOOK(net.nf, NF_INET_FORWARD, skb, skb.dev as NetDevice, route.dev, net.steps.forwardFinish);
}

/** @kernel net/ipv4/ip_forward.c ip_forward_finish() */
export function ipForwardFinish(net: NetnsIpv4, skb: SkBuff): number {
  net.mib.counts[IpMib.IpForwDatagrams]++;
  if (skb.cb[IPCB_OPTLEN] !== 0) ipForwardOptions(net, skb);
  skb.tstamp = 0;
  return dstOutput(skb);
}

/** Too big, and may not be fragmented. @kernel net/ipv4/ip_forward.c ip_exceeds_mtu() */
function ipExceedsMtu(skb: SkBuff, mtu: number): boolean {
  if (skb.len <= mtu || (ip.fragOff(skb) & ip.DF) === 0) return false;
  if (skb.cb[IPCB_FRAG_MAX_SIZE] > mtu) return true;
  if (skb.ignoreDf) return false;
  return !(skb.isGso && gsoValidateNetworkLen(skb, mtu));
}

/** A head of its own with room for the link header. @kernel include/linux/skbuff.h skb_cow() */
function cow(skb: SkBuff, headroom: number): boolean {
  const lacking = headroom > skb.headroom ? headroom - skb.headroom : 0;
  if (lacking === 0 && !skb.isCloned) return true;
  return pskbExpandHead(skb, lacking, 0);
}

function dropped(skb: SkBuff, reason: number): number {
  skb.drop(reason);
  return NET_RX_DROP;
}
