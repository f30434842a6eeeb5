import { TCP_CLOSE } from '@stack/sock';
import { TCP_NAGLE_PUSH } from '../constants.ts';
import { tcpCheckProbeTimer } from '../rto.ts';
import { tcpCheckSpace } from '../sndbuf.ts';
import type { TcpSock } from '../sock.ts';
import { tcpCurrentMss } from './mss.ts';
import { PUSH_ONE, tcpWriteXmit } from './write-xmit.ts';

/** Sends what may go; if nothing may and nothing is in flight, the probe timer takes over. @kernel net/ipv4/tcp_output.c __tcp_push_pending_frames() */
export function __tcpPushPendingFrames(sk: TcpSock, mss: number, nonagle: number): void {
  if (sk.state === TCP_CLOSE) return;
  if (tcpWriteXmit(sk, mss, nonagle, 0)) tcpCheckProbeTimer(sk);
}

/** @kernel include/net/tcp.h tcp_push_pending_frames() */
export function tcpPushPendingFrames(sk: TcpSock): void {
  if (sk.hasUnsent) __tcpPushPendingFrames(sk, tcpCurrentMss(sk), sk.snd.nonagle);
}

/** Sends the first buffer of the queue, full as it is. @kernel net/ipv4/tcp_output.c tcp_push_one() */
export function tcpPushOne(sk: TcpSock, mss: number): void {
  tcpWriteXmit(sk, mss, TCP_NAGLE_PUSH, PUSH_ONE);
}

/** After an ACK: the window may have opened. @kernel net/ipv4/tcp_input.c tcp_data_snd_check() */
export function tcpDataSndCheck(sk: TcpSock): void {
  tcpPushPendingFrames(sk);
  tcpCheckSpace(sk);
}
