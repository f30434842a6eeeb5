import { tcpMtuToMss, tcpSyncMss } from '../output/mss.ts';
import type { TcpSock } from '../sock.ts';
import { newSearch, tcpMssToMtu } from './state.ts';

/**
 * Nothing gets through, time and again: perhaps a router swallows what is too large and does not say so. Begins with
 * the size that surely passes; if that does not, with half of it.
 *
 * @kernel net/ipv4/tcp_timer.c tcp_mtu_probing() @rfc 4821 7.7
 */
export function tcpMtuBlackHole(sk: TcpSock): void {
  const { sysctl } = sk.tcp;
  if (sysctl.tcp_mtu_probing === 0) return;
  if (sk.mtup === null) {
    sk.mtup = newSearch(sk);
  } else {
    const half = Math.min(tcpMtuToMss(sk, sk.mtup.low) >> 1, sysctl.tcp_base_mss);
    sk.mtup.low = tcpMssToMtu(sk, Math.max(half, sysctl.tcp_mtu_probe_floor, sysctl.tcp_min_snd_mss));
  }
  tcpSyncMss(sk, sk.snd.pmtu);
}
