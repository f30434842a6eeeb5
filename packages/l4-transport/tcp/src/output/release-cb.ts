import { TCP_CLOSE_WAIT, TCP_CLOSING, TCP_ESTABLISHED, TCP_FIN_WAIT1, TCP_LAST_ACK } from '@stack/sock';
import {
  TCP_DEFERRED_ALL,
  TCP_DELACK_TIMER_DEFERRED,
  TCP_MTU_REDUCED_DEFERRED,
  TCP_TSQ_DEFERRED,
  TCP_WRITE_TIMER_DEFERRED,
} from '../constants.ts';
import { tcpPacketsInFlight } from '../flight.ts';
import { tcpV4MtuReduced } from '../receive/mtu-reduced.ts';
import type { TcpSock } from '../sock.ts';
import { tcpDelackTimerHandler, tcpWriteTimerHandler } from '../timers/handlers.ts';
import { tcpCurrentMss } from './mss.ts';
import { tcpXmitRetransmitQueue } from './retransmit.ts';
import { tcpWriteXmit } from './write-xmit.ts';

const MAY_SEND =
  (1 << TCP_ESTABLISHED) | (1 << TCP_FIN_WAIT1) | (1 << TCP_CLOSING) | (1 << TCP_CLOSE_WAIT) | (1 << TCP_LAST_ACK);

/** Segments have left the host: the socket goes on. @kernel net/ipv4/tcp_output.c tcp_tsq_write() */
export function tcpTsqWrite(sk: TcpSock): void {
  if ((MAY_SEND & (1 << sk.state)) === 0) return;
  if (sk.loss.lostOut > sk.loss.retransOut && sk.cc.cwnd > tcpPacketsInFlight(sk)) tcpXmitRetransmitQueue(sk);
  tcpWriteXmit(sk, tcpCurrentMss(sk), sk.snd.nonagle, 0);
}

/** A call leaves the socket: what it held up is done now. @kernel net/ipv4/tcp_output.c tcp_release_cb() */
export function tcpReleaseCb(sk: TcpSock): void {
  const flags = sk.deferred;
  sk.deferred &= ~TCP_DEFERRED_ALL;
  if ((flags & TCP_TSQ_DEFERRED) !== 0) tcpTsqWrite(sk);
  if ((flags & TCP_WRITE_TIMER_DEFERRED) !== 0) tcpWriteTimerHandler(sk);
  if ((flags & TCP_DELACK_TIMER_DEFERRED) !== 0) tcpDelackTimerHandler(sk);
  if ((flags & TCP_MTU_REDUCED_DEFERRED) !== 0) tcpV4MtuReduced(sk);
}
