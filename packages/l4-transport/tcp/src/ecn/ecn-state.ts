import type { TcpSock } from '../sock.ts';
import type { AccurateEcn } from './accurate-state.ts';

/** How the peer tells of congestion marks: by ECE until CWR, asked for and not answered yet, or by counts. @kernel include/net/tcp.h TCP_ECN_MODE_RFC3168 */
export const ECN_CLASSIC = 1;
export const ECN_PENDING = 2;
export const ECN_ACCURATE = 3;

/** What a connection with explicit congestion notification remembers; one without has none. @rfc 3168 6.1 */
export class EcnState {
  /** ECN_*. */
  mode: number;
  /** We reduced our window and say so (CWR) with the next new data. */
  queueCwr = false;
  /** A mark came: we say so (ECE) until the peer says that it reduced its window. */
  demandCwr = false;
  /** The path lets ECN through: a packet came that was capable of it. */
  seen = false;
  /** Segments that were delivered with a mark, or acknowledged with ECE. */
  deliveredCe = 0;
  /** While accurate feedback is asked for or agreed. */
  accurate: AccurateEcn | null = null;

  constructor(mode: number) {
    this.mode = mode;
  }
}

/** Whether the feedback is that of RFC 3168. @kernel include/net/tcp.h tcp_ecn_mode_rfc3168() */
export function tcpEcnModeRfc3168(sk: TcpSock): boolean {
  return sk.ecn !== null && sk.ecn.mode === ECN_CLASSIC;
}

/** Whether the congestion control only works with ECN. @kernel include/net/tcp.h tcp_ca_needs_ecn() */
export function tcpCaNeedsEcn(sk: TcpSock): boolean {
  return sk.cc.ops.needsEcn === true;
}
