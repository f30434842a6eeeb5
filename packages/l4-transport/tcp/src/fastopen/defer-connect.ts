import type { TcpSock } from '../sock.ts';
import { tcpFastopenCookieCheck } from './client-cookie.ts';
import { fastOpenOf, FastOpenRequest } from './state.ts';

/**
 * With TCP_FASTOPEN_CONNECT: true when the SYN shall wait for the first data. Otherwise it goes out at once and asks
 * for a cookie.
 *
 * @kernel net/ipv4/tcp_fastopen.c tcp_fastopen_defer_connect()
 */
export function tcpFastopenDeferConnect(sk: TcpSock): boolean {
  if (!sk.settings.fastopenConnect) return false;
  const state = fastOpenOf(sk);
  if (state.active !== null) return false;
  const active = new FastOpenRequest();
  state.deferred = tcpFastopenCookieCheck(sk, active.cookie);
  if (!state.deferred) state.active = active;
  return state.deferred;
}
