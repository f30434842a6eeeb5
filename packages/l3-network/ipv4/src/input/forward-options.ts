import { ip, type SkBuff } from '@stack/skb';
import { inetSelectAddr } from '../address/select.ts';
import { RT_SCOPE_UNIVERSE } from '../constants.ts';
import {
  IPCB_NEXTHOP,
  IPCB_OPT,
  IPCB_RR,
  IPCB_SRR,
  IPCB_TS,
  OPT_IS_CHANGED,
  OPT_RR_NEEDADDR,
  OPT_SRR_IS_HIT,
  OPT_TS_NEEDADDR,
} from '../ipcb.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { skbRtable } from '../route/route.ts';

/**
 * Options of a packet that goes on: what was recorded names the address it leaves from, and a source route moves on by
 * one.
 *
 * @kernel net/ipv4/ip_options.c ip_forward_options()
 */
export function ipForwardOptions(net: NetnsIpv4, skb: SkBuff): void {
  const { cb } = skb;
  const { u8, view } = skb.arena;
  const bits = cb[IPCB_OPT];
  const base = skb.networkHeader;
  const source = inetSelectAddr(net, skbRtable(skb).dev, ip.daddr(skb), RT_SCOPE_UNIVERSE);
  if ((bits & OPT_RR_NEEDADDR) !== 0) {
    const option = base + cb[IPCB_RR];
    view.setInt32(option + u8[option + 2] - 5, source);
  }
  if ((bits & OPT_SRR_IS_HIT) !== 0) {
    const option = base + cb[IPCB_SRR];
    view.setInt32(option + u8[option + 2] - 1, source);
    u8[option + 2] += 4;
    ip.setDaddr(skb, cb[IPCB_NEXTHOP]);
  }
  if ((bits & OPT_TS_NEEDADDR) !== 0) {
    const option = base + cb[IPCB_TS];
    view.setInt32(option + u8[option + 2] - 9, source);
  }
  if ((bits & (OPT_IS_CHANGED | OPT_SRR_IS_HIT)) !== 0) ip.sendCheck(skb);
}
