import { IP_PMTUDISC_DONT, ipSkAcceptPmtu } from '@stack/ipv4';
import { TCP_CLOSE, TCP_LISTEN } from '@stack/sock';
import { tcpSyncMss } from '../output/mss.ts';
import { tcpSimpleRetransmit } from '../recovery/simple-retransmit.ts';
import type { TcpSock } from '../sock.ts';

/** A router could not forward our segments whole: smaller ones from now on, the lost ones at once. @kernel net/ipv4/tcp_ipv4.c tcp_v4_mtu_reduced() @rfc 1191 6.4 */
export function tcpV4MtuReduced(sk: TcpSock): void {
  if (sk.state === TCP_LISTEN || sk.state === TCP_CLOSE) return;
  if (!ipSkAcceptPmtu(sk)) return;
  sk.tcp.ip.updatePmtu(sk.daddr, sk.loss.mtuInfo);
  const route = sk.tcp.ip.skDstCheck(sk);
  if (route === null || sk.settings.pmtudisc === IP_PMTUDISC_DONT) return;
  const mtu = route.mtu();
  if (sk.snd.pmtu <= mtu) return;
  tcpSyncMss(sk, mtu);
  tcpSimpleRetransmit(sk);
}
