import type { TcpSock } from '../sock.ts';

/** Whether the urgent byte is here: what {@link UrgentState.data} says beside the byte. @kernel include/net/tcp.h TCP_URG_VALID */
export const TCP_URG_VALID = 0x100;
export const TCP_URG_NOTYET = 0x200;
export const TCP_URG_READ = 0x400;

/** Urgent data of one connection; those without any have none. @rfc 6093 */
export class UrgentState {
  /** One past the last urgent byte that was written; holds while it is not acknowledged. */
  sndUp = 0;
  sending = false;
  /** TCP_URG_* and the byte; 0: none. */
  data = 0;
  /** Where it is in the stream. */
  seq = 0;
}

export function urgentOf(sk: TcpSock): UrgentState {
  return (sk.urgent ??= new UrgentState());
}

/** Urgent data are written and not acknowledged. @kernel include/net/tcp.h tcp_urg_mode() */
export function tcpUrgMode(sk: TcpSock): boolean {
  return sk.urgent !== null && sk.urgent.sending;
}
