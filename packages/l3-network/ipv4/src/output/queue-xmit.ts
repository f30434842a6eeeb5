import { EHOSTUNREACH } from '@stack/plugin';
import { DropReason, ip, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import type { InetSock } from '../inet-sock.ts';
import { ipcbReset } from '../ipcb.ts';
import { IpMib } from '../mib/ip-mib.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { ipRouteOutputPorts, skDstCheck } from '../route/sock.ts';
import { skbRtable, type Route } from '../route/route.ts';
import { writeHeader } from './header.ts';
import { ipSelectIdentSegs } from './ident.ts';
import { ipLocalOut } from './local-out.ts';
import { ipDontFragment } from './mtu.ts';
import { ipOptionsBuild, optionsFirstHop } from './options-build.ts';

/**
 * Sends a segment of a connected socket, with `ecn` in the ECN field. Owns the skb.
 *
 * @kernel net/ipv4/ip_output.c ip_queue_xmit()
 */
export function ipQueueXmit(net: NetnsIpv4, sk: InetSock, skb: SkBuff, ecn: number): number {
  if (tracing.on) trace('ip_queue_xmit', skb);
  return __ipQueueXmit(net, sk, skb, sk.settings.tos | ecn);
}

/** @kernel net/ipv4/ip_output.c __ip_queue_xmit() */
function __ipQueueXmit(net: NetnsIpv4, sk: InetSock, skb: SkBuff, tos: number): number {
  if (tracing.on) trace('__ip_queue_xmit', skb);
  if (skb.dst === null) {
    if (tracing.on) trace('__sk_dst_check', skb);
    const route = skDstCheck(sk) ?? newRoute(net, sk, skb);
    if (route === null) {
      net.mib.counts[IpMib.IpOutNoRoutes]++;
      skb.drop(DropReason.IP_OUTNOROUTES);
      return -EHOSTUNREACH;
    }
    skb.dst = route;
  }
  const route = skbRtable(skb);
  const options = sk.settings.ipOptions;
  const headerLength = ip.LENGTH + (options === null ? 0 : options.length);
  skb.push(headerLength);
  skb.resetNetworkHeader();
  ipcbReset(skb);
  const df = ipDontFragment(sk, route) && !skb.ignoreDf;
  if (tracing.on) trace('ip_dont_fragment', skb, df ? 'DF' : 'may be fragmented');
  const id = ipSelectIdentSegs(net.idents, skb, sk, df, sk.saddr, sk.daddr, sk.protocol);
  const ttl = ipSelectTtl(net, sk);
  if (tracing.on) trace('ip_select_ttl', skb, ttl);
  if (options === null) {
    writeHeader(skb, headerLength, tos, id, df, ttl, sk.protocol, sk.saddr, sk.daddr);
  } else {
    withOptions(net, sk, skb, route, headerLength, tos, id, df, ttl);
  }
  skb.priority = sk.settings.priority;
  skb.mark = sk.settings.mark;
  return ipLocalOut(net, skb);
}

/** The socket has none, or none that holds. */
function newRoute(net: NetnsIpv4, sk: InetSock, skb: SkBuff): Route | null {
  if (tracing.on) trace('ip_route_output_ports', skb);
  return ipRouteOutputPorts(net, sk);
}

function withOptions(
  net: NetnsIpv4,
  sk: InetSock,
  skb: SkBuff,
  route: Route,
  headerLength: number,
  tos: number,
  id: number,
  df: boolean,
  ttl: number,
): void {
  const options = sk.settings.ipOptions!;
  writeHeader(skb, headerLength, tos, id, df, ttl, sk.protocol, sk.saddr, optionsFirstHop(options) || sk.daddr);
  ipOptionsBuild(net, skb, options, sk.daddr, route.source);
}

/** @kernel net/ipv4/ip_output.c ip_select_ttl() */
export function ipSelectTtl(net: NetnsIpv4, sk: InetSock): number {
  return sk.settings.ttl < 0 ? net.sysctl.ipDefaultTtl : sk.settings.ttl;
}
