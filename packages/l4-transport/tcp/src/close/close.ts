import { tcp as th } from '@stack/skb';
import {
  lockSock,
  releaseSock,
  SEND_SHUTDOWN,
  SHUTDOWN_MASK,
  TCP_CLOSE,
  TCP_CLOSE_WAIT,
  TCP_ESTABLISHED,
  TCP_FIN_WAIT2,
  TCP_LISTEN,
  TCP_SYN_SENT,
} from '@stack/sock';
import { END_SEQ, FLAGS } from '../cb.ts';
import { HZ_SECOND, TCP_TIMEWAIT_LEN } from '../constants.ts';
import { inetCskListenStop } from '../listen/listen-start.ts';
import { TcpExt } from '../mib.ts';
import { tcpSendActiveReset, tcpSendFin } from '../output/send-fin.ts';
import { after } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { resetKeepaliveTimer } from '../timers/arm.ts';
import { tcpTimeWait } from '../timewait/time-wait.ts';
import { tcpCloseState } from './close-state.ts';
import { tcpDisconnectLocked } from './disconnect.ts';
import { inetCskDestroySock } from './done.ts';
import { tcpSetState } from './set-state.ts';

/**
 * The application lets go: what was written is still delivered, unless bytes that came were not read, or SO_LINGER
 * says 0 seconds; then the peer gets a reset.
 *
 * @kernel net/ipv4/tcp.c tcp_close() @rfc 2525 2.17
 */
export function tcpClose(sk: TcpSock): void {
  const { boot } = sk.tcp.cpus;
  boot.localBhDisable();
  lockSock(sk);
  sk.tcp.refresh();
  sk.shutdown = SHUTDOWN_MASK;
  if (sk.state === TCP_LISTEN) {
    tcpSetState(sk, TCP_CLOSE);
    inetCskListenStop(sk);
  } else {
    endSending(sk, freeUnread(sk));
  }
  const { state } = sk;
  tcpOrphan(sk);
  releaseSock(sk);
  if (state === TCP_CLOSE || sk.state !== TCP_CLOSE) finish(sk);
  boot.localBhEnable();
}

/** Whether there were bytes that nobody read. */
function freeUnread(sk: TcpSock): boolean {
  if (!sk.hasReceived) return false;
  let unread = false;
  for (let skb = sk.receiveQueue.shift(); skb !== null; skb = sk.receiveQueue.shift()) {
    const fin = (skb.cb[FLAGS] & th.FIN) !== 0 ? 1 : 0;
    if (after((skb.cb[END_SEQ] - fin) | 0, sk.rcv.copiedSeq)) unread = true;
    skb.consume();
  }
  return unread;
}

function endSending(sk: TcpSock, unread: boolean): void {
  const { ext } = sk.tcp.mib;
  if (sk.state === TCP_CLOSE) return;
  if (unread) {
    ext[TcpExt.TCPAbortOnClose]++;
    tcpSendActiveReset(sk);
    tcpSetState(sk, TCP_CLOSE);
  } else if (sk.settings.linger === 0) {
    ext[TcpExt.TCPAbortOnData]++;
    tcpDisconnectLocked(sk);
  } else if (tcpCloseState(sk)) {
    tcpSendFin(sk);
  }
}

/** No application holds the socket any more. @kernel include/net/sock.h sock_orphan() */
function tcpOrphan(sk: TcpSock): void {
  sk.dead = true;
  sk.waiter = null;
  sk.orphaned = true;
  sk.tcp.orphans++;
}

/** What the connection still has to do goes on without a user. */
function finish(sk: TcpSock): void {
  const { tcp } = sk;
  if (sk.state === TCP_FIN_WAIT2) {
    if (sk.settings.linger2 < 0) abort(sk, TcpExt.TCPAbortOnLinger);
    else awaitFin(sk);
  } else if (sk.state !== TCP_CLOSE && tcp.orphans > tcp.sysctl.tcp_max_orphans) {
    abort(sk, TcpExt.TCPAbortOnMemory);
  }
  if (sk.state === TCP_CLOSE && sk.orphaned) inetCskDestroySock(sk);
}

function abort(sk: TcpSock, counter: number): void {
  sk.tcp.mib.ext[counter]++;
  tcpSendActiveReset(sk);
  tcpSetState(sk, TCP_CLOSE);
}

/** The peer's FIN is awaited by the socket for a while, then by what stands in for it. */
function awaitFin(sk: TcpSock): void {
  const time = tcpFinTime(sk);
  if (time > TCP_TIMEWAIT_LEN) resetKeepaliveTimer(sk, time - TCP_TIMEWAIT_LEN);
  else tcpTimeWait(sk, TCP_FIN_WAIT2, time);
}

/** Jiffies in FIN_WAIT2. @kernel include/net/tcp.h tcp_fin_time() */
export function tcpFinTime(sk: TcpSock): number {
  const time = sk.settings.linger2 || sk.tcp.sysctl.tcp_fin_timeout * HZ_SECOND;
  const { rto } = sk.rtt;
  return Math.max(time, (rto << 2) - (rto >> 1));
}

/** `how` is RCV_SHUTDOWN, SEND_SHUTDOWN or both. Returns 0. @kernel net/ipv4/tcp.c tcp_shutdown() */
export function tcpShutdown(sk: TcpSock, how: number): number {
  const { boot } = sk.tcp.cpus;
  boot.localBhDisable();
  lockSock(sk);
  sk.tcp.refresh();
  sk.shutdown |= how;
  const open = sk.state === TCP_ESTABLISHED || sk.state === TCP_SYN_SENT || sk.state === TCP_CLOSE_WAIT;
  if ((how & SEND_SHUTDOWN) !== 0 && open && tcpCloseState(sk)) tcpSendFin(sk);
  releaseSock(sk);
  boot.localBhEnable();
  return 0;
}
