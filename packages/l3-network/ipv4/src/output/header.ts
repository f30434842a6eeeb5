import { ip, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';

/**
 * Writes the fixed part of the IP header at `networkHeader`, in five stores. Length and checksum come later, see
 * `__ipLocalOut`.
 *
 * @rfc 791 3.1
 */
export function writeHeader(
  skb: SkBuff,
  headerLength: number,
  tos: number,
  id: number,
  df: boolean,
  ttl: number,
  protocol: number,
  saddr: number,
  daddr: number,
): void {
  const { view } = skb.arena;
  const at = skb.networkHeader;
  view.setInt32(at, (4 << 28) | ((headerLength >>> 2) << 24) | ((tos & 0xff) << 16));
  view.setInt32(at + 4, (id << 16) | (df ? ip.DF : 0));
  view.setInt32(at + 8, (ttl << 24) | (protocol << 16));
  ipCopyAddrs(skb, saddr, daddr);
}

/** @kernel net/ipv4/ip_output.c ip_copy_addrs() */
function ipCopyAddrs(skb: SkBuff, saddr: number, daddr: number): void {
  if (tracing.on) trace('ip_copy_addrs', skb);
  ip.setSaddr(skb, saddr);
  ip.setDaddr(skb, daddr);
}
