import { IP_PMTUDISC_DONT } from '@stack/ipv4';
import { EMSGSIZE, EPROTO } from '@stack/plugin';
import { icmp, type SkBuff } from '@stack/skb';
import { EPOLLERR, icmpUnreachErrno, icmpUnreachFatal, NR_ICMP_UNREACH, TCP_ESTABLISHED } from '@stack/sock';
import { trace, tracing } from '@stack/trace';
import type { UdpSock } from './udp-sock.ts';
import type { UdpState } from './udp-state.ts';

/**
 * An ICMP error about a datagram of ours; `data` is at the IP header it quotes. A connected socket learns of it when
 * nothing can be hoped for.
 *
 * @kernel net/ipv4/udp.c udp_err()
 */
export function udpErr(udp: UdpState, skb: SkBuff, type: number, code: number, info: number): void {
  if (tracing.on) trace('udp_err', skb);
  const at = (skb.u8(0) & 0x0f) << 2;
  const [source, destination] = [skb.i32(12), skb.i32(16)];
  const sk = udp.table.lookup(destination, skb.u16(at + 2), source, skb.u16(at), skb.dev?.ifindex ?? 0);
  if (sk === null) return;
  const errno = errnoOf(udp, sk, type, code, info, destination);
  if (errno === 0 || sk.state !== TCP_ESTABLISHED) return;
  sk.err = errno;
  sk.wake(EPOLLERR);
}

/** What is worth telling: a positive errno, else 0. */
function errnoOf(udp: UdpState, sk: UdpSock, type: number, code: number, info: number, destination: number): number {
  if (type === icmp.PARAMETER_PROBLEM) return EPROTO;
  if (type !== icmp.DEST_UNREACH || code > NR_ICMP_UNREACH) return 0;
  if (code === icmp.FRAG_NEEDED) {
    udp.ip.updatePmtu(destination, info);
    return sk.pmtudisc === IP_PMTUDISC_DONT ? 0 : EMSGSIZE;
  }
  return icmpUnreachFatal(code) ? icmpUnreachErrno(code) : 0;
}
