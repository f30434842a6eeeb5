import { netifRx, type NetDevice } from '@stack/netdev';
import { NF_HOOK, NF_INET_POST_ROUTING } from '@stack/netfilter';
import { CHECKSUM_NONE, CHECKSUM_UNNECESSARY, DropReason, ip, PACKET_LOOPBACK, skbCopy, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { ETH_P_IP } from '../constants.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { RTCF_MULTICAST, skbRtable } from '../route/route.ts';
import { countTransmit } from './finish.ts';

/**
 * To a group in which we are, or to everybody: the packet leaves, and a copy comes back to us.
 *
 * @kernel net/ipv4/ip_output.c ip_mc_output()
 */
export function ipMcOutput(net: NetnsIpv4, skb: SkBuff): number {
  if (tracing.on) trace('ip_mc_output', skb);
  const route = skbRtable(skb);
  const { dev } = route;
  countTransmit(net, skb);
  skb.dev = dev;
  skb.protocol = ETH_P_IP;
  const copy = skbCopy(skb);
  if (copy !== null) NF_HOOK(net.nf, NF_INET_POST_ROUTING, copy, null, dev, net.steps.mcFinishOutput);
  if ((route.flags & RTCF_MULTICAST) !== 0 && ip.ttl(skb) === 0) {
    skb.drop(DropReason.NOT_SPECIFIED); // not beyond this host
    return 0;
  }
  return NF_HOOK(net.nf, NF_INET_POST_ROUTING, skb, null, dev, net.steps.finishOutput);
}

/** The copy for ourselves comes in again, with the route it has. @kernel net/core/dev.c dev_loopback_xmit() */
export function devLoopbackXmit(skb: SkBuff): number {
  const offset = skb.networkHeader - skb.data;
  if (offset > 0) skb.pull(offset);
  skb.resetMacHeader();
  skb.pktType = PACKET_LOOPBACK;
  if (skb.ipSummed === CHECKSUM_NONE) skb.ipSummed = CHECKSUM_UNNECESSARY;
  skb.dev = skbRtable(skb).dev as NetDevice;
  return netifRx(skb);
}
