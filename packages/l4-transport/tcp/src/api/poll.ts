import { EINVAL } from '@stack/plugin';
import {
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
  hasQueuedErrors,
  RCV_SHUTDOWN,
  SEND_SHUTDOWN,
  SHUTDOWN_MASK,
  skStreamIsWriteable,
  skStreamMemoryFree,
  TCP_CLOSE,
  TCP_LISTEN,
  TCP_SYN_RECV,
  TCP_SYN_SENT,
} from '@stack/sock';
import { tcpPassiveFastopen } from '../fastopen/state.ts';
import { tcpEpollinReady } from '../input/data-recv.ts';
import type { TcpSock } from '../sock.ts';
import { TCP_URG_VALID } from '../urgent/state.ts';

export const SIOCINQ = 0x541b;
export const SIOCOUTQ = 0x5411;
export const SIOCOUTQNSD = 0x894b;
export const SIOCATMARK = 0x8905;

/** What a socket is ready for. @kernel net/ipv4/tcp.c tcp_poll() */
export function tcpPoll(sk: TcpSock): number {
  const { state, shutdown } = sk;
  if (state === TCP_LISTEN) return sk.requests !== null && sk.requests.acceptLength > 0 ? EPOLLIN : 0;
  let mask = shutdown === SHUTDOWN_MASK || state === TCP_CLOSE ? EPOLLHUP : 0;
  if ((shutdown & RCV_SHUTDOWN) !== 0) mask |= EPOLLIN | EPOLLRDHUP;
  if ((state !== TCP_SYN_SENT && state !== TCP_SYN_RECV) || tcpPassiveFastopen(sk)) {
    if (tcpEpollinReady(sk, sk.settings.rcvlowat + (atUrgent(sk) && !sk.settings.oobInline ? 1 : 0))) mask |= EPOLLIN;
    if (sk.urgent !== null && (sk.urgent.data & TCP_URG_VALID) !== 0) mask |= EPOLLPRI;
    if ((shutdown & SEND_SHUTDOWN) !== 0) mask |= EPOLLOUT;
    else if (skStreamIsWriteable(sk) && tcpStreamMemoryFree(sk, true)) mask |= EPOLLOUT;
    else sk.noSpace = true;
  } else if (sk.fastOpen !== null && sk.fastOpen.deferred) mask |= EPOLLOUT;
  return sk.err !== 0 || hasQueuedErrors(sk) ? mask | EPOLLERR : mask;
}

/** Whether a writer may go on, since little enough waits unsent; one who waits is woken at half of that. @kernel include/net/tcp.h tcp_stream_memory_free() */
export function tcpStreamMemoryFree(sk: TcpSock, wake: boolean): boolean {
  if (!skStreamMemoryFree(sk)) return false;
  const lowat = sk.settings.notsentLowat || sk.tcp.sysctl.tcp_notsent_lowat;
  const notsent = (sk.snd.writeSeq - sk.snd.nxt) | 0;
  return (wake ? 2 * notsent : notsent) < lowat;
}

/** Bytes to read, not acknowledged, or not sent. @kernel net/ipv4/tcp.c tcp_ioctl() */
export function tcpIoctl(sk: TcpSock, request: number): number {
  if (request === SIOCATMARK) return atUrgent(sk) ? 1 : 0;
  if (sk.state === TCP_LISTEN) return -EINVAL;
  const opening = sk.state === TCP_SYN_SENT || sk.state === TCP_SYN_RECV;
  switch (request) {
    case SIOCINQ:
      return tcpInq(sk);
    case SIOCOUTQ:
      return opening ? 0 : (sk.snd.writeSeq - sk.snd.una) | 0;
    case SIOCOUTQNSD:
      return opening ? 0 : (sk.snd.writeSeq - sk.snd.nxt) | 0;
    default:
      return -EINVAL;
  }
}

/** The next byte to read is the urgent one. */
function atUrgent(sk: TcpSock): boolean {
  return sk.urgent !== null && sk.urgent.data !== 0 && sk.urgent.seq === sk.rcv.copiedSeq;
}

/** @kernel include/net/tcp.h tcp_inq() The peer's FIN takes a number but is no byte. */
function tcpInq(sk: TcpSock): number {
  if (!sk.hasReceived) return 0;
  const { urgent, rcv } = sk;
  if (urgent !== null && urgent.data !== 0 && !sk.settings.oobInline) {
    const before = (urgent.seq - rcv.copiedSeq) | 0;
    if (before >= 0 && ((urgent.seq - rcv.nxt) | 0) < 0) return before;
  }
  return ((sk.rcv.nxt - sk.rcv.copiedSeq) | 0) - (sk.done ? 1 : 0);
}
