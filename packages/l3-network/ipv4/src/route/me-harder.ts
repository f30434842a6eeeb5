import { EHOSTUNREACH, ENOMEM } from '@stack/plugin';
import { ip, pskbExpandHead, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { RTN_LOCAL, RTN_UNICAST } from '../constants.ts';
import type { InetSock } from '../inet-sock.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { ipRouteOutputFlow } from './output.ts';

/** Room in front of a packet grows by so much at a time. @kernel include/linux/netdevice.h HH_DATA_ALIGN() */
const HH_DATA_MOD = 16;

/**
 * Another route for a packet of ours, when a hook at LOCAL_OUT has changed its addresses, TOS or mark: it leaves by where
 * these lead now. 0, or a negative errno when there is no such route, and the packet keeps the old one: drop it then, with
 * NF_DROP_ERR.
 *
 * @kernel net/ipv4/netfilter.c ip_route_me_harder()
 */
export function ipRouteMeHarder(net: NetnsIpv4, skb: SkBuff): number {
  if (tracing.on) trace('ip_route_me_harder', skb);
  const { flow } = net;
  const source = ip.saddr(skb);
  const type = net.fib.addressType(source, null);
  const anySource = type === RTN_LOCAL || type === RTN_UNICAST;
  flow.daddr = ip.daddr(skb);
  flow.saddr = anySource ? source : 0;
  flow.protocol = ip.protocol(skb);
  flow.tos = ip.tos(skb);
  flow.mark = skb.mark;
  flow.oif = (skb.sk as InetSock | null)?.boundDevIf ?? 0;
  const route = ipRouteOutputFlow(net, flow, anySource);
  if (route === null) return net.routeError === 0 ? -EHOSTUNREACH : net.routeError;
  skb.dst = route;
  const lacking = route.dev.hardHeaderLen - skb.headroom;
  const room = Math.ceil(lacking / HH_DATA_MOD) * HH_DATA_MOD;
  return lacking > 0 && !pskbExpandHead(skb, room, 0) ? -ENOMEM : 0;
}
