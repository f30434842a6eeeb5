import { ip, type SkBuff } from '@stack/skb';
import { SO_EE_ORIGIN_ICMP, sockQueueErr } from './error-queue.ts';
import type { Sock } from './sock.ts';

/**
 * Tells the application of an ICMP error, with what it quotes: `skb.data` is at the IP header that it quotes, `payload` bytes
 * before what the application is told of it.
 *
 * @kernel net/ipv4/ip_sockglue.c ip_icmp_error()
 */
export function ipIcmpError(
  sk: Sock,
  skb: SkBuff,
  errno: number,
  type: number,
  code: number,
  info: number,
  payload: number,
): void {
  sockQueueErr(sk, {
    errno,
    origin: SO_EE_ORIGIN_ICMP,
    type,
    code,
    info,
    offender: ip.saddr(skb),
    ttl: ip.ttl(skb),
    tos: ip.tos(skb),
    ifindex: skb.dev?.ifindex ?? 0,
    destination: ip.daddr(skb),
    address: skb.i32(16),
    port: skb.u16(((skb.u8(0) & 0x0f) << 2) + 2),
    truesize: skb.truesize,
    payload: skb.arena.u8.slice(skb.data + payload, skb.data + Math.max(payload, skb.headlen)),
  });
}
