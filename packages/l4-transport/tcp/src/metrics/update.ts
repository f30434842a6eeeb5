import { TCP_CA_Open, TCP_INFINITE_SSTHRESH } from '../constants.ts';
import { tcpInSlowStart } from '../flight.ts';
import type { TcpSock } from '../sock.ts';
import type { TcpMetricsBlock } from './metrics.ts';

/**
 * A connection ends: the next one to the same peer shall know what it measured.
 *
 * @kernel net/ipv4/tcp_metrics.c tcp_update_metrics()
 */
export function tcpUpdateMetrics(sk: TcpSock): void {
  const { tcp, rtt } = sk;
  if (tcp.sysctl.tcp_no_metrics_save || sk.dstCache === null) return;
  if (rtt.backoff !== 0 || rtt.srtt === 0) {
    // Nothing came back in time: what was believed of the round trip is wrong.
    const block = tcp.metrics.get(sk.saddr, sk.daddr, tcp.jiffies);
    if (block !== null) block.rtt = 0;
    return;
  }
  const block = tcp.metrics.make(sk.saddr, sk.daddr, tcp.jiffies);
  roundTrip(sk, block);
  window(sk, block);
  block.stamp = tcp.jiffies;
}

/** A longer round trip is believed at once, a shorter one by and by. */
function roundTrip(sk: TcpSock, block: TcpMetricsBlock): void {
  const { rtt } = sk;
  const difference = block.rtt - rtt.srtt;
  block.rtt = difference <= 0 ? rtt.srtt : block.rtt - (difference >> 3);
  const deviation = Math.max(Math.abs(difference) >> 1, rtt.mdev);
  if (deviation >= block.rttvar) block.rttvar = deviation;
  else block.rttvar -= (block.rttvar - deviation) >> 2;
}

/** Where the window ended tells more, the further the connection came. */
function window(sk: TcpSock, block: TcpMetricsBlock): void {
  const { cc, tcp } = sk;
  const keepThreshold = !tcp.sysctl.tcp_no_ssthresh_metrics_save;
  if (cc.ssthresh >= TCP_INFINITE_SSTHRESH) {
    if (keepThreshold && block.ssthresh !== 0 && cc.cwnd >> 1 > block.ssthresh) block.ssthresh = cc.cwnd >> 1;
    block.cwnd = Math.max(block.cwnd, cc.cwnd);
  } else if (!tcpInSlowStart(sk) && cc.state === TCP_CA_Open) {
    if (keepThreshold) block.ssthresh = Math.max(cc.cwnd >> 1, cc.ssthresh);
    block.cwnd = (block.cwnd + cc.cwnd) >> 1;
  } else {
    block.cwnd = (block.cwnd + cc.ssthresh) >> 1;
    if (keepThreshold && block.ssthresh !== 0 && cc.ssthresh > block.ssthresh) block.ssthresh = cc.ssthresh;
    if (block.reordering < cc.reordering && cc.reordering !== tcp.sysctl.tcp_reordering)
      block.reordering = cc.reordering;
  }
}
