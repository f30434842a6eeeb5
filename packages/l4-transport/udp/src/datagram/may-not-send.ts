import { EAGAIN, EPIPE } from '@stack/plugin';
import { inetAutobind, SEND_SHUTDOWN, type GetPort } from '@stack/sock';
import type { DatagramSock } from './datagram-sock.ts';

/**
 * Why a socket may not send now, or 0: it gets a port if it has none, an error that waits comes first, and there must be
 * room in its budget.
 *
 * @kernel net/core/sock.c sock_alloc_send_pskb()
 */
export function mayNotSend(sk: DatagramSock, getPort: GetPort): number {
  const unbound = inetAutobind(sk, getPort);
  if (unbound !== 0) return unbound;
  const error = sk.takeError();
  if (error !== 0) return error;
  if ((sk.shutdown & SEND_SHUTDOWN) !== 0) return -EPIPE;
  return sk.wmemAlloc >= sk.sndbuf ? -EAGAIN : 0;
}
