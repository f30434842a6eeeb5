import * as eth from './headers/ethernet.ts';
import * as ip from './headers/ipv4.ts';
import type { SkBuff } from './skbuff.ts';

/**
 * The hash of the packet's flow, never 0: of addresses, protocol and ports, or of the addresses alone where there are no
 * ports. It is kept in the packet.
 *
 * @kernel include/linux/skbuff.h skb_get_hash()
 */
export function skbGetHash(skb: SkBuff): number {
  if (skb.hash === 0)
    skb.hash = isIpv4(skb) ? hash3Words(ip.saddr(skb), ip.daddr(skb), portsOf(skb) ^ ip.protocol(skb)) : 1;
  return skb.hash;
}

/** Maps a hash evenly to [0, count). @kernel include/linux/kernel.h reciprocal_scale() */
export function reciprocalScale(hash: number, count: number): number {
  return Math.floor(((hash >>> 0) * count) / 0x1_0000_0000);
}

/** Whether the IPv4 header may be read. */
export function isIpv4(skb: SkBuff): boolean {
  if (skb.protocol !== eth.TYPE_IPV4 || skb.networkHeader === 0) return false;
  return skb.networkHeader + ip.LENGTH <= skb.tail || skb.mayPull(skb.networkHeader - skb.data + ip.LENGTH);
}

/** Source and destination port as one number; 0 where there are none. */
export function portsOf(skb: SkBuff): number {
  const protocol = ip.protocol(skb);
  if (protocol !== ip.PROTO_TCP && protocol !== ip.PROTO_UDP) return 0;
  const length = ip.headerLength(skb);
  if (ip.isFragment(skb) || !skb.mayPull(skb.networkHeader - skb.data + length + 4)) return 0;
  return skb.arena.view.getInt32(skb.networkHeader + length);
}

/** An even hash of three numbers, never 0. */
export function hash3Words(a: number, b: number, c: number): number {
  let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0x27d4eb2f);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return hash ^ (hash >>> 15) || 1;
}
