import { IP_PMTUDISC_DONT } from '@stack/ipv4';
import { EHOSTUNREACH, EMSGSIZE, EPROTO } from '@stack/plugin';
import { icmp, type SkBuff } from '@stack/skb';
import { icmpUnreachErrno, ipIcmpError, NR_ICMP_UNREACH, type Sock } from '@stack/sock';

/** With IP_RECVERR, every ICMP error is told, and is the socket's error. @kernel net/ipv4/udp.c __udp4_lib_err() */
export function hearIcmpError(sk: Sock, skb: SkBuff, type: number, code: number, info: number, payload: number): void {
  const errno = errnoOf(sk, type, code);
  if (errno === 0) return;
  ipIcmpError(sk, skb, errno, type, code, info, payload);
  sk.err = errno;
  sk.errorReport();
}

/** Positive, 0 for what is no error. */
function errnoOf(sk: Sock, type: number, code: number): number {
  if (type === icmp.PARAMETER_PROBLEM) return EPROTO;
  if (type === icmp.TIME_EXCEEDED) return EHOSTUNREACH;
  if (type !== icmp.DEST_UNREACH) return 0;
  if (code === icmp.FRAG_NEEDED) return sk.settings.pmtudisc === IP_PMTUDISC_DONT ? 0 : EMSGSIZE;
  return code <= NR_ICMP_UNREACH ? icmpUnreachErrno(code) : EHOSTUNREACH;
}
