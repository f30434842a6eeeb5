import { TCP_INFINITE_SSTHRESH, TCP_TIMEOUT_FALLBACK } from '../constants.ts';
import { tcpRtoMin } from '../rto.ts';
import type { TcpSock } from '../sock.ts';

/**
 * A connection begins: takes over what earlier ones to the peer measured. The round trip of a handshake is that of
 * small segments; a longer one that was known makes the first time-out longer.
 *
 * @kernel net/ipv4/tcp_metrics.c tcp_init_metrics() @rfc 6298 5.7
 */
export function tcpInitMetrics(sk: TcpSock): void {
  const { tcp, cc, rtt } = sk;
  cc.ssthresh = TCP_INFINITE_SSTHRESH;
  const block = sk.dstCache === null ? null : tcp.metrics.get(sk.saddr, sk.daddr, tcp.jiffies);
  if (block !== null) {
    if (!tcp.sysctl.tcp_no_ssthresh_metrics_save && block.ssthresh !== 0) cc.ssthresh = block.ssthresh;
    if (block.reordering !== 0) cc.reordering = block.reordering;
  }
  const known = block?.rtt ?? 0;
  if (known > rtt.srtt) {
    const jiffies = Math.floor(known / 8_000);
    rtt.rto = jiffies + Math.max(2 * jiffies, tcpRtoMin(sk));
  } else if (rtt.srtt === 0) {
    // The handshake took a retransmission: its round trip is not known.
    rtt.rttvar = rtt.mdev = rtt.mdevMax = TCP_TIMEOUT_FALLBACK * 1000;
    rtt.rto = TCP_TIMEOUT_FALLBACK;
  }
}
