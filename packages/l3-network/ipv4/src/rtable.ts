import type { NetDevice } from '@stack/netdev';
import type { SkBuff, SkbDst } from '@stack/skb';
import type { RouteMetrics } from './route/metrics.ts';

/** What an address is to this host. @kernel include/uapi/linux/rtnetlink.h RTN_UNICAST */
export const RTN_UNICAST = 1;
export const RTN_LOCAL = 2;
export const RTN_BROADCAST = 3;
export const RTN_MULTICAST = 5;

/** A step of a packet's way. Returns 0, NET_XMIT_* or a negative errno; takes ownership of the skb. */
export type DstInput = (skb: SkBuff) => number;
export type DstOutput = (skb: SkBuff) => number;

/**
 * A route as packets carry it: where to, through what, and the functions that take it there.
 *
 * @kernel include/net/route.h struct rtable
 * @kernel include/net/dst.h struct dst_entry
 */
export interface Rtable extends SkbDst {
  readonly dev: NetDevice;
  /** RTN_UNICAST, RTN_LOCAL, RTN_BROADCAST, RTN_MULTICAST. */
  readonly type: number;
  /** Next hop, int32; 0 when the destination is on the link. */
  readonly gateway: number;
  /** Source address that the route prefers, int32. */
  readonly source: number;
  readonly input: DstInput;
  readonly output: DstOutput;
  /** Of the path: the device's, or less once the network said so. @kernel net/ipv4/route.c ipv4_mtu() */
  mtu(): number;
  /** The largest segment to announce: MTU less 40, unless the route says less. */
  advmss(): number;
  /** What the route says of connections over it. */
  readonly metrics: RouteMetrics;
  /** Goes up when routes or addresses change; see `dstCheck`. */
  obsolete: boolean;
}
