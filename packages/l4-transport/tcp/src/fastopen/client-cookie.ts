import { tcpFastopenCacheGet } from '../metrics/fastopen-cache.ts';
import type { TcpSock } from '../sock.ts';
import { TFO_CLIENT_NO_COOKIE, tcpFastopenNoCookie } from './bits.ts';
import { tcpFastopenActiveShouldDisable } from './blackhole.ts';
import type { FastOpenCookie } from './cookie.ts';
import { fastOpenOf, TFO_COOKIE_UNAVAILABLE } from './state.ts';

/**
 * Whether the SYN may carry data, with which cookie; without one, what the option shall say instead (0: asks for one,
 * -1: nothing).
 *
 * @kernel net/ipv4/tcp_fastopen.c tcp_fastopen_cookie_check()
 */
export function tcpFastopenCookieCheck(sk: TcpSock, cookie: FastOpenCookie): boolean {
  const mss = tcpFastopenCacheGet(sk, cookie);
  if (mss !== 0) sk.opt.mssClamp = mss;
  if (tcpFastopenActiveShouldDisable(sk)) {
    cookie.length = -1;
    return false;
  }
  if (tcpFastopenNoCookie(sk, TFO_CLIENT_NO_COOKIE)) {
    cookie.length = -1;
    return true;
  }
  if (cookie.length > 0) return true;
  fastOpenOf(sk).clientFail = TFO_COOKIE_UNAVAILABLE;
  return false;
}
