import type { TcpSock } from '../sock.ts';

/** The retransmission timer expired. @kernel net/ipv4/tcp_timer.c tcp_update_rto_stats() */
export function tcpUpdateRtoStats(sk: TcpSock): void {
  const { rtt, loss, tcp } = sk;
  if (rtt.retransmits === 0) {
    loss.totalRtoRecoveries++;
    loss.rtoSince = tcp.jiffies;
  }
  rtt.retransmits++;
  loss.totalRto++;
}

/** An ACK ends the series of time-outs. @kernel net/ipv4/tcp_input.c tcp_update_rto_time() */
export function tcpUpdateRtoTime(sk: TcpSock): void {
  const { loss, tcp } = sk;
  if (loss.rtoSince === 0) return;
  loss.totalRtoTime += tcp.jiffies - loss.rtoSince;
  loss.rtoSince = 0;
}
