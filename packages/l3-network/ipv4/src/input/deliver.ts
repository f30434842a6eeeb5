import { NET_RX_SUCCESS, type NetDevice } from '@stack/netdev';
import { NF_HOOK, NF_INET_LOCAL_IN } from '@stack/netfilter';
import { DropReason, icmp, ip, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { IP_DEFRAG_LOCAL_DELIVER, ipDefrag } from '../fragment/defrag.ts';
import { icmpSend } from '../icmp/send.ts';
import { IpMib } from '../mib/ip-mib.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { XFRM_POLICY_IN, xfrmPolicyCheck } from '../policy.ts';

/**
 * The packet is for this host: reassembled if need be, then LOCAL_IN.
 *
 * @kernel net/ipv4/ip_input.c ip_local_deliver()
 */
export function ipLocalDeliver(net: NetnsIpv4, skb: SkBuff): number {
  if (tracing.on) trace('ip_local_deliver', skb);
  const fragment = ip.isFragment(skb);
  if (tracing.on) trace('ip_is_fragment', skb, fragment ? 'yes' : 'no');
  if (fragment && !ipDefrag(net, skb, IP_DEFRAG_LOCAL_DELIVER)) return NET_RX_SUCCESS;
  return NF_HOOK(net.nf, NF_INET_LOCAL_IN, skb, skb.dev as NetDevice, null, net.steps.localDeliverFinish);
}

/** @kernel net/ipv4/ip_input.c ip_local_deliver_finish() */
export function ipLocalDeliverFinish(net: NetnsIpv4, skb: SkBuff): number {
  if (tracing.on) trace('ip_local_deliver_finish', skb);
  skb.pull(skb.transportHeader - skb.data);
  ipProtocolDeliverRcu(net, skb, ip.protocol(skb));
  return NET_RX_SUCCESS;
}

/** To the protocol that the header names. @kernel net/ipv4/ip_input.c ip_protocol_deliver_rcu() */
function ipProtocolDeliverRcu(net: NetnsIpv4, skb: SkBuff, protocol: number): void {
  if (tracing.on) trace('ip_protocol_deliver_rcu', skb, protocol);
  const handler = net.protocols.get(protocol);
  if (handler !== null) {
    const { policies } = net.xfrm;
    if (policies !== null && !xfrmPolicyCheck(policies, skb, XFRM_POLICY_IN)) return skb.drop(DropReason.XFRM_POLICY);
    net.mib.counts[IpMib.IpInDelivers]++;
    handler.handler(skb);
    return;
  }
  net.mib.counts[IpMib.IpInUnknownProtos]++;
  icmpSend(net, skb, icmp.DEST_UNREACH, icmp.PROT_UNREACH, 0);
  skb.drop(DropReason.IP_NOPROTO);
}
