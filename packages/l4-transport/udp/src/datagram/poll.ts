import {
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDHUP,
  hasQueuedErrors,
  RCV_SHUTDOWN,
  SHUTDOWN_MASK,
  sockWriteable,
} from '@stack/sock';
import type { DatagramSock } from './datagram-sock.ts';

/** What a socket is ready for; `readable` when a datagram waits. @kernel net/core/datagram.c datagram_poll() */
export function datagramPoll(sk: DatagramSock, readable: boolean): number {
  let events = 0;
  if (sk.err !== 0 || hasQueuedErrors(sk)) events |= EPOLLERR;
  if ((sk.shutdown & RCV_SHUTDOWN) !== 0) events |= EPOLLRDHUP | EPOLLIN;
  if (sk.shutdown === SHUTDOWN_MASK) events |= EPOLLHUP;
  if (readable) events |= EPOLLIN;
  if (sockWriteable(sk)) events |= EPOLLOUT;
  return events;
}

export function shutdownDatagram(sk: DatagramSock, how: number): number {
  sk.shutdown |= how;
  return 0;
}
