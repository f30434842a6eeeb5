import type { TcpSock } from '../sock.ts';

/** Bits of the setting `tcp_fastopen`. @kernel include/net/tcp.h */
export const TFO_CLIENT_ENABLE = 1;
export const TFO_SERVER_ENABLE = 2;
/** Data in the SYN without a cookie. */
export const TFO_CLIENT_NO_COOKIE = 4;
/** Accept data without a cookie. */
export const TFO_SERVER_COOKIE_NOT_REQD = 0x200;
/** Every listener does it, with or without TCP_FASTOPEN. */
export const TFO_SERVER_WO_SOCKOPT1 = 0x400;

/** @kernel net/ipv4/tcp_fastopen.c tcp_fastopen_no_cookie() */
export function tcpFastopenNoCookie(sk: TcpSock, bit: number): boolean {
  if ((sk.tcp.sysctl.tcp_fastopen & bit) !== 0 || sk.settings.fastopenNoCookie) return true;
  return sk.dstCache?.metrics.fastopenNoCookie === true;
}
