import { NF_GOES_ON, NF_INET_LOCAL_OUT, nfHook } from '@stack/netfilter';
import { EPERM } from '@stack/plugin';
import { DropReason, ip, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { ETH_P_IP } from '../constants.ts';
import { IpMib } from '../mib/ip-mib.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { XFRM_POLICY_OUT, xfrmPolicyCheck } from '../policy.ts';
import { skbRtable } from '../route/route.ts';

/**
 * A packet of this host, complete but for length and checksum, with its route: through LOCAL_OUT and on. Owns the skb.
 *
 * @kernel net/ipv4/ip_output.c ip_local_out()
 */
export function ipLocalOut(net: NetnsIpv4, skb: SkBuff): number {
  if (tracing.on) trace('ip_local_out', skb);
  const answer = __ipLocalOut(net, skb);
  return answer === NF_GOES_ON ? dstOutput(skb) : answer;
}

/** @kernel net/ipv4/ip_output.c __ip_local_out() */
function __ipLocalOut(net: NetnsIpv4, skb: SkBuff): number {
  if (tracing.on) trace('__ip_local_out', skb);
  net.mib.counts[IpMib.IpOutRequests]++;
  ip.setTotalLength(skb, skb.len);
  ip.sendCheck(skb);
  skb.protocol = ETH_P_IP;
  const { policies } = net.xfrm;
  if (policies !== null && !xfrmPolicyCheck(policies, skb, XFRM_POLICY_OUT)) return refused(skb);
  return nfHook(net.nf, NF_INET_LOCAL_OUT, skb, null, skbRtable(skb).dev, net.steps.dstOutput);
}

function refused(skb: SkBuff): number {
  skb.drop(DropReason.XFRM_POLICY);
  return -EPERM;
}

/** To where the route says. @kernel include/net/dst.h dst_output() */
export function dstOutput(skb: SkBuff): number {
  if (tracing.on) trace('dst_output', skb);
  return skbRtable(skb).output(skb);
}
