import type { ZerocopyCalls } from '@stack/sock';
import type { TcpRequestSock } from '../listen/request-sock.ts';
import type { TcpSock } from '../sock.ts';
import { FastOpenCookie } from './cookie.ts';

/** Why data in the SYN did not help: what TCP_INFO tells. @kernel include/uapi/linux/tcp.h enum tcp_fastopen_client_fail */
export const TFO_COOKIE_UNAVAILABLE = 1;
export const TFO_DATA_NOT_ACKED = 2;
export const TFO_SYN_RETRANSMITTED = 3;

/** What the SYN that is about to be sent shall carry. @kernel include/net/tcp.h struct tcp_fastopen_request */
export class FastOpenRequest {
  readonly cookie = new FastOpenCookie();
  bytes: Uint8Array | null = null;
  offset = 0;
  size = 0;
  /** To be told when the bytes are free. */
  calls: ZerocopyCalls | null = null;
  /** How much of it went along. */
  copied = 0;

  constructor() {
    this.cookie.length = 0;
  }
}

/** Fast Open of one connection; those that do not use it have none. @kernel include/linux/tcp.h struct tcp_sock @rfc 7413 */
export class FastOpenState {
  /** Passive: SYN-ACK is out and its ACK is not in, but data may flow. Null afterwards. */
  request: TcpRequestSock | null = null;
  /** The application has taken it from the listener. */
  accepted = false;
  /** Active: see {@link FastOpenRequest}; only while the SYN is made. */
  active: FastOpenRequest | null = null;
  /** `connect` said yes, and the SYN waits for the first data. */
  deferred = false;
  /** Our SYN had the option (the experimental one), and data; they arrived with it. */
  synOption = false;
  synExperimental = false;
  synData = false;
  synDataAcked = false;
  /** The first one after a pause for fear of black holes. */
  probing = false;
  /** TFO_*. */
  clientFail = 0;
}

export function fastOpenOf(sk: TcpSock): FastOpenState {
  return (sk.fastOpen ??= new FastOpenState());
}

/** The connection began with data in a SYN, and its handshake has not ended. @kernel include/net/tcp.h tcp_passive_fastopen() */
export function tcpPassiveFastopen(sk: TcpSock): boolean {
  return sk.fastOpen !== null && sk.fastOpen.request !== null;
}
