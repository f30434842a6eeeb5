import { NET_XMIT_CN, NET_XMIT_SUCCESS, skbGsoSegment, type NetDevice } from '@stack/netdev';
import { NF_HOOK, NF_INET_POST_ROUTING } from '@stack/netfilter';
import { DropReason, type SkBuff } from '@stack/skb';
import { ENOMEM } from '@stack/plugin';
import { trace, tracing } from '@stack/trace';
import { ETH_P_IP } from '../constants.ts';
import { ipFragment } from '../fragment/fragment.ts';
import { IPCB_FLAGS, IPCB_FRAG_MAX_SIZE, IPSKB_REROUTED } from '../ipcb.ts';
import { IpMib } from '../mib/ip-mib.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { skbRtable } from '../route/route.ts';
import { runEgress } from './egress.ts';
import { gsoValidateNetworkLen } from './gso.ts';
import { ipSkbDstMtu } from './mtu.ts';
import { ipFinishOutput2 } from './neighbour.ts';

/**
 * The packet leaves by its route's device: POST_ROUTING.
 *
 * @kernel net/ipv4/ip_output.c ip_output()
 */
export function ipOutput(net: NetnsIpv4, skb: SkBuff): number {
  if (tracing.on) trace('ip_output', skb);
  const inDev = skb.dev as NetDevice | null;
  const { dev } = skbRtable(skb);
  countTransmit(net, skb);
  skb.dev = dev;
  skb.protocol = ETH_P_IP;
  if ((skb.cb[IPCB_FLAGS] & IPSKB_REROUTED) !== 0) return ipFinishOutput(net, skb);
  return NF_HOOK(net.nf, NF_INET_POST_ROUTING, skb, inDev, dev, net.steps.finishOutput);
}

export function countTransmit(net: NetnsIpv4, skb: SkBuff): void {
  net.mib.counts[IpMib.IpOutTransmits]++;
  net.mib.counts[IpMib.IpExtOutOctets] += skb.len;
}

/** @kernel net/ipv4/ip_output.c ip_finish_output() */
export function ipFinishOutput(net: NetnsIpv4, skb: SkBuff): number {
  if (tracing.on) trace('ip_finish_output', skb);
  const { programs } = net.egress;
  if (programs === null) return __ipFinishOutput(net, skb);
  if (tracing.on) trace('BPF_CGROUP_RUN_PROG_INET_EGRESS', skb);
  const answer = runEgress(programs, skb);
  if (answer === NET_XMIT_SUCCESS) return __ipFinishOutput(net, skb);
  if (answer === NET_XMIT_CN) return __ipFinishOutput(net, skb) || answer;
  skb.drop(DropReason.BPF_CGROUP_EGRESS);
  return answer;
}

/** @kernel net/ipv4/ip_output.c __ip_finish_output() */
function __ipFinishOutput(net: NetnsIpv4, skb: SkBuff): number {
  if (tracing.on) trace('__ip_finish_output', skb);
  const mtu = ipSkbDstMtu(net, skb);
  if (tracing.on) trace('ip_skb_dst_mtu', skb, mtu);
  if (skb.isGso) return ipFinishOutputGso(net, skb, mtu);
  if (skb.len > mtu || skb.cb[IPCB_FRAG_MAX_SIZE] !== 0) return ipFragment(net, skb, mtu, net.steps.finishOutput2);
  return ipFinishOutput2(net, skb);
}

/**
 * A packet that will be segmented below passes if its segments fit. If not (it came in by a wider link than it leaves),
 * it is segmented here and the segments are fragmented.
 *
 * @kernel net/ipv4/ip_output.c ip_finish_output_gso()
 */
function ipFinishOutputGso(net: NetnsIpv4, skb: SkBuff, mtu: number): number {
  if (gsoValidateNetworkLen(skb, mtu)) return ipFinishOutput2(net, skb);
  const segments = skbGsoSegment(skb, 0);
  if (segments === null) {
    skb.drop(DropReason.SKB_GSO_SEG);
    return -ENOMEM;
  }
  const flags = skb.cb[IPCB_FLAGS];
  skb.consume();
  let result = 0;
  for (let segment: SkBuff | null = segments; segment !== null;) {
    const next: SkBuff | null = segment.next;
    segment.next = null;
    segment.cb[IPCB_FLAGS] = flags;
    segment.cb[IPCB_FRAG_MAX_SIZE] = 0;
    const error = ipFragment(net, segment, mtu, net.steps.finishOutput2);
    if (error !== 0 && result === 0) result = error;
    segment = next;
  }
  return result;
}
