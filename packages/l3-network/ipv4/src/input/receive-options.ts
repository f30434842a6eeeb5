import type { NetDevice } from '@stack/netdev';
import { DropReason, icmp, ip, skbEnsureWritable, type SkBuff } from '@stack/skb';
import { inetSelectAddr } from '../address/select.ts';
import { RTN_LOCAL, RTN_UNICAST, RT_SCOPE_UNIVERSE } from '../constants.ts';
import { icmpSend } from '../icmp/send.ts';
import { IPCB_NEXTHOP, IPCB_OPT, IPCB_SRR, OPT_IS_CHANGED, OPT_SRR_IS_HIT, OPT_STRICTROUTE } from '../ipcb.ts';
import { IpMib } from '../mib/ip-mib.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { ipRouteInputNoref, ROUTED } from '../route/input.ts';
import { skbRtable } from '../route/route.ts';
import { ipOptionsCompile } from './options-compile.ts';

/**
 * The packet has options: reads them, and follows a source route if that is allowed. False when it was dropped.
 *
 * @kernel net/ipv4/ip_input.c ip_rcv_options()
 */
export function ipRcvOptions(net: NetnsIpv4, skb: SkBuff, dev: NetDevice): boolean {
  const before = skb.data;
  if (!skbEnsureWritable(skb, ip.headerLength(skb))) {
    net.mib.counts[IpMib.IpInDiscards]++;
    return dropped(skb, DropReason.NOMEM);
  }
  if (skb.data !== before) skb.resetNetworkHeader();
  const wrong = ipOptionsCompile(net, skb, ownAddressFor(net, skb, dev));
  if ((skb.cb[IPCB_OPT] & OPT_IS_CHANGED) !== 0) ip.sendCheck(skb);
  if (wrong !== 0) {
    icmpSend(net, skb, icmp.PARAMETER_PROBLEM, 0, wrong << 24);
    net.mib.counts[IpMib.IpInHdrErrors]++;
    return dropped(skb, DropReason.IP_INHDR);
  }
  if (skb.cb[IPCB_SRR] === 0) return true;
  if (!net.sysctl.acceptSourceRoute) return dropped(skb, DropReason.IP_INHDR);
  return ipOptionsRcvSrr(net, skb, dev);
}

/** The address by which the sender knows us. @kernel net/ipv4/fib_frontend.c fib_compute_spec_dst() */
function ownAddressFor(net: NetnsIpv4, skb: SkBuff, dev: NetDevice): number {
  const daddr = ip.daddr(skb);
  if (net.fib.addressType(daddr, null) === RTN_LOCAL) return daddr;
  return inetSelectAddr(net, dev, ip.saddr(skb), RT_SCOPE_UNIVERSE);
}

/**
 * A source route that leads through us: the next stop becomes the destination, once forwarding writes the header.
 *
 * @kernel net/ipv4/ip_options.c ip_options_rcv_srr()
 */
function ipOptionsRcvSrr(net: NetnsIpv4, skb: SkBuff, dev: NetDevice): boolean {
  const { u8, view } = skb.arena;
  const option = skb.networkHeader + skb.cb[IPCB_SRR];
  const route = skbRtable(skb);
  if (route.type === RTN_UNICAST) {
    // We are not the next stop: fine for a loose route only.
    return (skb.cb[IPCB_OPT] & OPT_STRICTROUTE) === 0 || badRoute(net, skb);
  }
  if (route.type !== RTN_LOCAL) return dropped(skb, DropReason.IP_INHDR);
  const length = u8[option + 1];
  const pointer = u8[option + 2];
  if (pointer > length) return true; // the last stop
  if (pointer + 3 > length) return badRoute(net, skb);
  const next = view.getInt32(option + pointer - 1);
  skb.dst = null;
  const reason = ipRouteInputNoref(net, skb, next, ip.saddr(skb), dev);
  if (reason !== ROUTED) return dropped(skb, reason);
  const onward = skbRtable(skb);
  if (onward.type !== RTN_UNICAST) return dropped(skb, DropReason.IP_INHDR);
  skb.cb[IPCB_OPT] |= OPT_SRR_IS_HIT;
  skb.cb[IPCB_NEXTHOP] = next;
  return true;
}

function badRoute(net: NetnsIpv4, skb: SkBuff): false {
  icmpSend(net, skb, icmp.DEST_UNREACH, icmp.SR_FAILED, 0);
  return dropped(skb, DropReason.IP_INHDR);
}

function dropped(skb: SkBuff, reason: number): false {
  skb.drop(reason);
  return false;
}
