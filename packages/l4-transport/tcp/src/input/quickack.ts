import { ICSK_ACK_SCHED, TCP_ATO_MIN } from '../constants.ts';
import type { TcpSock } from '../sock.ts';

/** The next few ACKs go out at once: the sender is in slow start, or lost something. @kernel net/ipv4/tcp_input.c tcp_incr_quickack() */
export function tcpIncrQuickack(sk: TcpSock, max: number): void {
  const { rcv, ack } = sk;
  const wanted = Math.min(Math.floor(rcv.wnd / (2 * rcv.mss)) || 2, max);
  if (wanted > ack.quick) ack.quick = wanted;
}

/** @kernel net/ipv4/tcp_input.c tcp_enter_quickack_mode() */
export function tcpEnterQuickackMode(sk: TcpSock, max: number): void {
  tcpIncrQuickack(sk, max);
  sk.ack.pingpong = 0;
  sk.ack.ato = TCP_ATO_MIN;
}

/** The application answers what it reads: ACKs may wait for its data. @kernel include/net/inet_connection_sock.h inet_csk_in_pingpong_mode() */
export function inPingpongMode(sk: TcpSock): boolean {
  return sk.ack.pingpong >= sk.tcp.sysctl.tcp_pingpong_thresh;
}

/** @kernel net/ipv4/tcp_input.c tcp_in_quickack_mode() */
export function tcpInQuickackMode(sk: TcpSock): boolean {
  return sk.dstCache?.metrics.quickack === true || (sk.ack.quick > 0 && !inPingpongMode(sk));
}

/** An ACK is owed. @kernel include/net/inet_connection_sock.h inet_csk_schedule_ack() */
export function inetCskScheduleAck(sk: TcpSock): void {
  sk.ack.pending |= ICSK_ACK_SCHED;
}

/** @kernel include/net/inet_connection_sock.h inet_csk_ack_scheduled() */
export function inetCskAckScheduled(sk: TcpSock): boolean {
  return (sk.ack.pending & ICSK_ACK_SCHED) !== 0;
}
