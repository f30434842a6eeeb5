import { EMSGSIZE } from '@stack/plugin';
import { DropReason, ip, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { IP_MAX_MTU } from '../constants.ts';
import { IP_PMTUDISC_DO, IP_PMTUDISC_PROBE, type InetSock } from '../inet-sock.ts';
import { ipcbReset } from '../ipcb.ts';
import type { NetnsIpv4 } from '../netns.ts';
import type { Route } from '../route/route.ts';
import { writeHeader } from './header.ts';
import { ipSelectIdentSegs } from './ident.ts';
import { ipLocalOut } from './local-out.ts';
import { ipDontFragment, ipSkIgnoreDf, ipSkUsePmtu } from './mtu.ts';
import { ipOptionsBuild, optionsFirstHop } from './options-build.ts';

/**
 * Sends a datagram (transport header included, at `data`) along a route. Owns the skb. -EMSGSIZE when it is too large
 * for an IPv4 packet, or for the path and may not be fragmented.
 *
 * @kernel net/ipv4/ip_output.c ip_send_skb()
 */
export function ipSendDatagram(
  net: NetnsIpv4,
  sk: InetSock,
  skb: SkBuff,
  route: Route,
  saddr: number,
  daddr: number,
  ttl: number,
  tos: number,
): number {
  if (tracing.on) trace('ip_send_skb', skb);
  const options = sk.settings.ipOptions;
  const headerLength = ip.LENGTH + (options === null ? 0 : options.length);
  const length = headerLength + skb.len;
  const mtu = ipSkUsePmtu(sk) ? route.mtu() : route.deviceMtu();
  const fits = skb.isGso || length <= mtu;
  const mayCut = ipSkIgnoreDf(sk);
  if (length > IP_MAX_MTU || (!fits && !mayCut)) {
    skb.drop(DropReason.PKT_TOO_BIG);
    return -EMSGSIZE;
  }
  skb.dst = route;
  skb.ignoreDf = mayCut;
  skb.push(headerLength);
  skb.resetNetworkHeader();
  ipcbReset(skb);
  const { pmtudisc } = sk.settings;
  const always = pmtudisc === IP_PMTUDISC_DO || pmtudisc === IP_PMTUDISC_PROBE;
  const df = always || (fits && ipDontFragment(sk, route));
  const id = ipSelectIdentSegs(net.idents, skb, sk, df, saddr, daddr, sk.protocol);
  const first = options === null ? 0 : optionsFirstHop(options);
  writeHeader(
    skb,
    headerLength,
    tos,
    id,
    df,
    ttl < 0 ? net.sysctl.ipDefaultTtl : ttl,
    sk.protocol,
    saddr,
    first || daddr,
  );
  if (options !== null) ipOptionsBuild(net, skb, options, daddr, route.source);
  skb.priority = sk.settings.priority;
  skb.mark = sk.settings.mark;
  return ipLocalOut(net, skb);
}
