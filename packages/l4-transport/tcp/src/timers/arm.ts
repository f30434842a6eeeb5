import { ICSK_ACK_SCHED, ICSK_ACK_TIMER } from '../constants.ts';
import type { TcpSock } from '../sock.ts';
import { SockTimer } from './sock-timer.ts';

function onWriteTimer(this: SockTimer): void {
  this.sk.tcp.handlers.writeTimer(this.sk);
}

function onDelackTimer(this: SockTimer): void {
  this.sk.tcp.handlers.delackTimer(this.sk);
}

function onKeepaliveTimer(this: SockTimer): void {
  this.sk.tcp.handlers.keepaliveTimer(this.sk);
}

/**
 * Arms the retransmission timer for one of its purposes (ICSK_TIME_*), `when` jiffies from now but no more than `max`.
 *
 * @kernel include/net/inet_connection_sock.h inet_csk_reset_xmit_timer()
 */
export function resetXmitTimer(sk: TcpSock, what: number, when: number, max: number): void {
  const timer = (sk.rexmitTimer ??= new SockTimer(sk.tcp.wheel, sk, onWriteTimer));
  sk.pendingTimer = what;
  timer.mod(sk.tcp.jiffies + Math.min(when, max));
}

/** Arms the delayed-ACK timer for jiffy `at`. */
export function resetDelackTimer(sk: TcpSock, at: number): void {
  const timer = (sk.delackTimer ??= new SockTimer(sk.tcp.wheel, sk, onDelackTimer));
  sk.ack.pending |= ICSK_ACK_SCHED | ICSK_ACK_TIMER;
  timer.mod(at);
}

/** The jiffy in which a delayed ACK goes out; valid while ICSK_ACK_TIMER is set. @kernel include/net/inet_connection_sock.h icsk_delack_timeout() */
export function delackTimeout(sk: TcpSock): number {
  return sk.delackTimer!.expires;
}

/** @kernel include/net/inet_connection_sock.h inet_csk_clear_xmit_timer() */
export function clearXmitTimer(sk: TcpSock): void {
  sk.pendingTimer = 0;
  sk.rexmitTimer?.cancel();
}

/** No ACK is owed any more. */
export function clearDelackTimer(sk: TcpSock): void {
  sk.ack.pending = 0;
  sk.ack.retry = 0;
  sk.delackTimer?.cancel();
}

/** @kernel net/ipv4/inet_connection_sock.c inet_csk_reset_keepalive_timer() */
export function resetKeepaliveTimer(sk: TcpSock, when: number): void {
  (sk.keepTimer ??= new SockTimer(sk.tcp.wheel, sk, onKeepaliveTimer)).mod(sk.tcp.jiffies + when);
}

/** @kernel net/ipv4/inet_connection_sock.c inet_csk_clear_xmit_timers() */
export function clearXmitTimers(sk: TcpSock): void {
  clearXmitTimer(sk);
  clearDelackTimer(sk);
  sk.keepTimer?.cancel();
  sk.disorder?.compTimer?.cancel();
  sk.pacing?.cancel();
}
