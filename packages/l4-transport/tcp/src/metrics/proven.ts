import type { TcpProtocol } from '../protocol.ts';

/** Whether a connection with the peer ever worked: its round trip is known. @kernel net/ipv4/tcp_metrics.c tcp_peer_is_proven() */
export function tcpPeerIsProven(tcp: TcpProtocol, saddr: number, daddr: number): boolean {
  return (tcp.metrics.get(saddr, daddr, tcp.jiffies)?.rtt ?? 0) !== 0;
}
