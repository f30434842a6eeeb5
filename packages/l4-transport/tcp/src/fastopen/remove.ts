import { TCP_LISTEN } from '@stack/sock';
import type { TcpSock } from '../sock.ts';

/** How long a connection that was reset in its handshake counts, in jiffies. */
const RESET_COUNTS = 60_000;

/**
 * The handshake has ended, one way or another: the connection stands for itself.
 *
 * @kernel net/core/request_sock.c reqsk_fastopen_remove()
 */
export function reqskFastopenRemove(sk: TcpSock, reset: boolean): void {
  const state = sk.fastOpen;
  if (state === null || state.request === null) return;
  const { listener } = state.request;
  state.request = null;
  const queue = listener.requests!;
  if (reset && state.accepted && listener.state === TCP_LISTEN)
    queue.fastOpenResets.push(sk.tcp.jiffies + RESET_COUNTS);
  else queue.fastOpenLength--;
}
