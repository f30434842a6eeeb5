import { token } from '@stack/plugin';
import type { SkBuff } from '@stack/skb';
import type { InetSock } from './inet-sock.ts';
import type { Rtable } from './rtable.ts';

/** Where a packet wants to go. @kernel include/net/flow.h struct flowi4 */
export interface Flow4 {
  daddr: number;
  /** 0: the route chooses. */
  saddr: number;
  protocol: number;
  tos: number;
  mark: number;
  /** ifindex it must leave by, 0 for any. */
  oif: number;
}

/** What transports ask of IPv4. All addresses are int32. */
export interface IpOutput {
  /**
   * Sends a transport segment of a connected socket: routes (or checks the cached route), pushes the IP header and
   * goes on to LOCAL_OUT. `ecn` is the ECN field, 0 without. Owns the skb. Returns 0, NET_XMIT_CN, NET_XMIT_DROP or a negative errno.
   *
   * @kernel net/ipv4/ip_output.c ip_queue_xmit()
   */
  queueXmit(sk: InetSock, skb: SkBuff, ecn?: number): number;
  /**
   * Sends a segment for which there is no full socket yet, such as SYN-ACK: to `daddr`, with the route given.
   *
   * @kernel net/ipv4/ip_output.c ip_build_and_send_pkt()
   */
  buildAndSendPkt(skb: SkBuff, sk: InetSock, route: Rtable, saddr: number, daddr: number, tos: number): number;
  /**
   * Answers `to` with `reply`, a complete transport segment (headroom of {@link maxHeader} in front): RST, the ACKs of
   * TIME_WAIT, port unreachable's siblings. The answer takes the way back.
   *
   * @kernel net/ipv4/ip_output.c ip_send_unicast_reply()
   */
  sendUnicastReply(to: SkBuff, reply: SkBuff, protocol: number, tos: number): void;
  /**
   * Chooses route and source address for a connection; sets `sk.saddr` (if 0) and `sk.dstCache`. 0 or -errno.
   *
   * @kernel include/net/route.h ip_route_connect()
   */
  routeConnect(sk: InetSock): number;
  /** The cached route if it still holds, a new one otherwise, null if there is none. @kernel net/core/sock.c __sk_dst_check() */
  skDstCheck(sk: InetSock): Rtable | null;
  /** A route, or null when the destination is unreachable. @kernel net/ipv4/route.c ip_route_output_flow() */
  routeOutput(flow: Flow4): Rtable | null;
  /**
   * Sends a datagram (transport header included, at `data`) along a route; fragments it when too large. `df` as in
   * pmtudisc. Owns the skb. 0 or -errno.
   *
   * @kernel net/ipv4/ip_output.c ip_send_skb()
   */
  sendDatagram(
    sk: InetSock,
    skb: SkBuff,
    route: Rtable,
    saddr: number,
    daddr: number,
    ttl: number,
    tos: number,
  ): number;
  /** @kernel net/ipv4/icmp.c icmp_send() Only reads `skb`, the packet it is about (`networkHeader` set). */
  icmpSend(skb: SkBuff, type: number, code: number, info: number): void;
  /** Remembers a smaller path MTU for the destination. @kernel net/ipv4/route.c ip_rt_update_pmtu() */
  updatePmtu(daddr: number, mtu: number): void;
  /** RTN_LOCAL, RTN_BROADCAST, RTN_MULTICAST or RTN_UNICAST. @kernel net/ipv4/fib_frontend.c inet_addr_type() */
  addressType(address: number): number;
  /** Headroom that a transport reserves: link, IP (with options) and its own header. @kernel include/linux/netdevice.h MAX_HEADER */
  readonly maxHeader: number;
}

export const IpOutput = token<IpOutput>('IpOutput', 'add ipv4() to the host');
