import type { NetDevice } from '@stack/netdev';
import { DropReason, icmp, ip } from '@stack/skb';
import { RTN_LOCAL } from '../constants.ts';
import { icmpSend } from '../icmp/send.ts';
import { IpMib } from '../mib/ip-mib.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { ipRouteInputNoref, ROUTED } from '../route/input.ts';
import { skbRtable } from '../route/route.ts';
import { INET_FRAG_FIRST_IN, type FragQueue } from './frag-queue.ts';

/**
 * The missing fragments did not come in time. The sender is told, if the first fragment is here to be quoted.
 *
 * @kernel net/ipv4/ip_fragment.c ip_expire()
 * @rfc 1122 3.3.2
 */
export function ipExpire(net: NetnsIpv4, queue: FragQueue): void {
  const { counts } = net.mib;
  counts[IpMib.IpReasmFails]++;
  counts[IpMib.IpReasmTimeout]++;
  if ((queue.flags & INET_FRAG_FIRST_IN) !== 0) tellSender(net, queue);
  net.frags.kill(queue, DropReason.FRAG_REASM_TIMEOUT);
}

function tellSender(net: NetnsIpv4, queue: FragQueue): void {
  const [head] = queue.fragments;
  const dev = head.dev as NetDevice | null;
  if (dev === null) return; // it is our own
  if (ipRouteInputNoref(net, head, ip.daddr(head), ip.saddr(head), dev) !== ROUTED) return;
  if (skbRtable(head).type !== RTN_LOCAL) return; // only the end host tells
  icmpSend(net, head, icmp.TIME_EXCEEDED, icmp.EXC_FRAGTIME, 0);
}
