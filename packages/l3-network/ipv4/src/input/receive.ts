import { NET_RX_DROP, type NetDevice, type SkbList } from '@stack/netdev';
import { NF_HOOK, NF_HOOK_LIST, NF_INET_PRE_ROUTING } from '@stack/netfilter';
import type { SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import type { NetnsIpv4 } from '../netns.ts';
import { ipRcvCore } from './receive-core.ts';
import { ipListRcvFinish } from './receive-finish.ts';

/**
 * An IPv4 packet came in. Owns the skb.
 *
 * @kernel net/ipv4/ip_input.c ip_rcv()
 */
export function ipRcv(net: NetnsIpv4, skb: SkBuff, dev: NetDevice): number {
  if (tracing.on) trace('ip_rcv', skb, dev.name);
  const own = ipRcvCore(net, skb);
  if (own === null) return NET_RX_DROP;
  return NF_HOOK(net.nf, NF_INET_PRE_ROUTING, own, dev, null, net.steps.rcvFinish);
}

/**
 * A batch of IPv4 packets came in. Owns them; the list is empty afterwards. Packets of one device go on together.
 *
 * @kernel net/ipv4/ip_input.c ip_list_rcv()
 */
export function ipListRcv(net: NetnsIpv4, list: SkbList): void {
  const sublist = net.rcvList;
  let current: NetDevice | null = null;
  for (let skb = list.shift(); skb !== null; skb = list.shift()) {
    if (tracing.on) trace('ip_list_rcv', skb);
    const dev = skb.dev as NetDevice;
    const own = ipRcvCore(net, skb);
    if (own === null) continue;
    if (dev !== current) {
      if (current !== null) ipSublistRcv(net, sublist, current);
      current = dev;
    }
    sublist.push(own);
  }
  if (current !== null) ipSublistRcv(net, sublist, current);
}

/** @kernel net/ipv4/ip_input.c ip_sublist_rcv() */
function ipSublistRcv(net: NetnsIpv4, list: SkbList, dev: NetDevice): void {
  if (tracing.on && list.first !== null) trace('ip_sublist_rcv', list.first, list.length);
  NF_HOOK_LIST(net.nf, NF_INET_PRE_ROUTING, list, dev, null, net.steps.rcvFinish);
  ipListRcvFinish(net, list);
}
