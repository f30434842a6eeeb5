import { DropReason, ip, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { IPPROTO_TCP } from '../constants.ts';
import type { InetSock } from '../inet-sock.ts';
import { ipcbReset } from '../ipcb.ts';
import { IpMib } from '../mib/ip-mib.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { ipRouteOutputFlow } from '../route/output.ts';
import type { Route } from '../route/route.ts';
import { writeHeader } from './header.ts';
import { ipLocalOut } from './local-out.ts';
import { ipDontFragment } from './mtu.ts';
import { ipOptionsBuild, optionsFirstHop } from './options-build.ts';
import { ipSelectTtl } from './queue-xmit.ts';

/**
 * Sends a segment for which there is no full socket yet; `sk` is the listener whose options apply. Owns the skb.
 *
 * @kernel net/ipv4/ip_output.c ip_build_and_send_pkt()
 */
export function ipBuildAndSendPkt(
  net: NetnsIpv4,
  skb: SkBuff,
  sk: InetSock,
  route: Route,
  saddr: number,
  daddr: number,
  tos: number,
): number {
  if (tracing.on) trace('ip_build_and_send_pkt', skb);
  const options = sk.settings.ipOptions;
  const headerLength = ip.LENGTH + (options === null ? 0 : options.length);
  skb.dst = route;
  skb.push(headerLength);
  skb.resetNetworkHeader();
  ipcbReset(skb);
  const df = ipDontFragment(sk, route);
  const first = options === null ? 0 : optionsFirstHop(options);
  const id = df ? 0 : identOf(net, sk, saddr, daddr);
  writeHeader(skb, headerLength, tos, id, df, ipSelectTtl(net, sk), sk.protocol, saddr, first || daddr);
  if (options !== null) ipOptionsBuild(net, skb, options, daddr, saddr);
  skb.priority = sk.settings.priority;
  skb.mark ||= sk.settings.mark;
  return ipLocalOut(net, skb);
}

/** A SYN-ACK says nothing of the counters: its id is random. */
function identOf(net: NetnsIpv4, sk: InetSock, saddr: number, daddr: number): number {
  if (sk.protocol === IPPROTO_TCP) return net.random.below(0x10000);
  return net.idents.reserve(daddr, saddr, sk.protocol, 1);
}

/**
 * Answers the packet `to` with `reply`, a complete transport segment, the way back. Owns the reply. It carries DF and the
 * id 0: nobody shall learn of our counters by provoking answers.
 *
 * @kernel net/ipv4/ip_output.c ip_send_unicast_reply()
 */
export function ipSendUnicastReply(net: NetnsIpv4, to: SkBuff, reply: SkBuff, protocol: number, tos: number): void {
  if (tracing.on) trace('ip_send_unicast_reply', reply);
  const { flow } = net;
  flow.daddr = ip.saddr(to);
  flow.saddr = ip.daddr(to);
  flow.protocol = protocol;
  flow.tos = tos;
  flow.mark = 0;
  flow.oif = 0;
  const route = ipRouteOutputFlow(net, flow);
  if (route === null) {
    net.mib.counts[IpMib.IpOutNoRoutes]++;
    reply.drop(DropReason.IP_OUTNOROUTES);
    return;
  }
  reply.dst = route;
  reply.push(ip.LENGTH);
  reply.resetNetworkHeader();
  ipcbReset(reply);
  writeHeader(reply, ip.LENGTH, tos, 0, true, net.sysctl.ipDefaultTtl, protocol, flow.saddr, flow.daddr);
  ipLocalOut(net, reply);
}
