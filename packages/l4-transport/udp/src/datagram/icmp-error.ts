import { IP_PMTUDISC_DONT } from '@stack/ipv4';
import { EHOSTUNREACH, EMSGSIZE, EPROTO } from '@stack/plugin';
import { icmp, ip, type SkBuff } from '@stack/skb';
import { icmpUnreachErrno, NR_ICMP_UNREACH, SO_EE_ORIGIN_ICMP, sockQueueErr, type Sock } from '@stack/sock';

/**
 * With IP_RECVERR, every ICMP error is told, with what it quotes of the datagram: `skb.data` is at the IP header that
 * it quotes, `payload` bytes before the user's.
 *
 * @kernel net/ipv4/ip_sockglue.c ip_icmp_error()
 */
export function ipIcmpError(sk: Sock, skb: SkBuff, type: number, code: number, info: number, payload: number): void {
  const errno = errnoOf(sk, type, code);
  if (errno === 0) return;
  sk.err = errno;
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
  sk.errorReport();
}

/** Positive, 0 for what is no error. @kernel net/ipv4/udp.c __udp4_lib_err() */
function errnoOf(sk: Sock, type: number, code: number): number {
  if (type === icmp.PARAMETER_PROBLEM) return EPROTO;
  if (type === icmp.TIME_EXCEEDED) return EHOSTUNREACH;
  if (type !== icmp.DEST_UNREACH) return 0;
  if (code === icmp.FRAG_NEEDED) return sk.settings.pmtudisc === IP_PMTUDISC_DONT ? 0 : EMSGSIZE;
  return code <= NR_ICMP_UNREACH ? icmpUnreachErrno(code) : EHOSTUNREACH;
}
