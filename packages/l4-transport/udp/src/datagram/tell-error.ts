import { IP_PMTUDISC_DONT } from '@stack/ipv4';
import { EMSGSIZE, EPROTO } from '@stack/plugin';
import { icmp } from '@stack/skb';
import { icmpUnreachErrno, icmpUnreachFatal, NR_ICMP_UNREACH, TCP_ESTABLISHED, type Sock } from '@stack/sock';

/**
 * What an ICMP error about a datagram of ours means to its socket: a connected one learns of it when nothing can be
 * hoped for.
 */
export function tellError(sk: Sock, type: number, code: number): void {
  const errno = errnoOf(sk, type, code);
  if (errno === 0 || sk.state !== TCP_ESTABLISHED) return;
  sk.err = errno;
  sk.errorReport();
}

/** What is worth telling: a positive errno, else 0. */
function errnoOf(sk: Sock, type: number, code: number): number {
  if (type === icmp.PARAMETER_PROBLEM) return EPROTO;
  if (type !== icmp.DEST_UNREACH || code > NR_ICMP_UNREACH) return 0;
  if (code === icmp.FRAG_NEEDED) return sk.settings.pmtudisc === IP_PMTUDISC_DONT ? 0 : EMSGSIZE;
  return icmpUnreachFatal(code) ? icmpUnreachErrno(code) : 0;
}
