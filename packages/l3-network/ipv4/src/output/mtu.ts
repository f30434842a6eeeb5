import type { SkBuff } from '@stack/skb';
import {
  IP_PMTUDISC_DO,
  IP_PMTUDISC_INTERFACE,
  IP_PMTUDISC_OMIT,
  IP_PMTUDISC_PROBE,
  IP_PMTUDISC_WANT,
  type InetSock,
} from '../inet-sock.ts';
import { IPCB_FLAGS, IPSKB_FORWARDED } from '../ipcb.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { skbRtable, type Route } from '../route/route.ts';

/** For what we forward, what was learned of the path counts only if the host is told to believe it. @kernel include/net/ip.h ip_dst_mtu_maybe_forward() */
export function ipDstMtuMaybeForward(net: NetnsIpv4, route: Route, forwarding: boolean): number {
  if (forwarding && !net.sysctl.ipForwardUsePmtu && !route.mtuLocked) return route.deviceMtu();
  return route.mtu();
}

/** Bytes of the largest packet that may leave along the packet's route. @kernel include/net/ip.h ip_skb_dst_mtu() */
export function ipSkbDstMtu(net: NetnsIpv4, skb: SkBuff): number {
  const route = skbRtable(skb);
  const sk = skb.sk as InetSock | null;
  if (sk !== null && !ipSkUsePmtu(sk)) return route.deviceMtu();
  return ipDstMtuMaybeForward(net, route, (skb.cb[IPCB_FLAGS] & IPSKB_FORWARDED) !== 0);
}

/** Whether packets of the socket carry DF along this route. @kernel include/net/ip.h ip_dont_fragment() */
export function ipDontFragment(sk: InetSock, route: Route): boolean {
  return sk.settings.pmtudisc === IP_PMTUDISC_DO || (sk.settings.pmtudisc === IP_PMTUDISC_WANT && !route.mtuLocked);
}

/** What is learned of paths counts for the socket. @kernel include/net/ip.h ip_sk_use_pmtu() */
export function ipSkUsePmtu({ settings }: InetSock): boolean {
  return settings.pmtudisc < IP_PMTUDISC_PROBE;
}

/** ICMP errors may teach it. @kernel include/net/ip.h ip_sk_accept_pmtu() */
export function ipSkAcceptPmtu({ settings }: InetSock): boolean {
  return settings.pmtudisc !== IP_PMTUDISC_INTERFACE && settings.pmtudisc !== IP_PMTUDISC_OMIT;
}

/** What is too large is fragmented here. @kernel include/net/ip.h ip_sk_ignore_df() */
export function ipSkIgnoreDf({ settings }: InetSock): boolean {
  return settings.pmtudisc < IP_PMTUDISC_DO || settings.pmtudisc === IP_PMTUDISC_OMIT;
}
