import type { RateSample } from '../recovery/rate-sample.ts';
import type { TcpSock } from '../sock.ts';

/** @kernel include/net/tcp.h enum tcp_ca_event */
export const CA_EVENT_TX_START = 0;
export const CA_EVENT_CWND_RESTART = 1;
export const CA_EVENT_COMPLETE_CWR = 2;
export const CA_EVENT_LOSS = 3;
/** Data came without a congestion mark, or with one. */
export const CA_EVENT_ECN_NO_CE = 4;
export const CA_EVENT_ECN_IS_CE = 5;

/** What {@link CongestionOps.inAckEvent} is told. @kernel include/net/tcp.h enum tcp_ca_ack_event_flags */
export const CA_ACK_SLOWPATH = 1;
export const CA_ACK_WIN_UPDATE = 2;
export const CA_ACK_ECE = 4;

/** What an ACK said, for algorithms that look closer. Valid during the call only. */
export interface AckSample {
  /** Segments newly acknowledged. */
  pktsAcked: number;
  /** Microseconds, -1 when unknown. */
  rttUs: number;
  inFlight: number;
}

/**
 * A congestion control. One object serves all connections; what it must remember of one is in `sk.cc.priv`.
 *
 * @kernel include/net/tcp.h struct tcp_congestion_ops
 */
export interface CongestionOps {
  readonly name: string;
  /** Works with explicit congestion notification only: it is asked for whatever the host's setting. */
  readonly needsEcn?: boolean;
  /** Makes `sk.cc.priv`. */
  init?(sk: TcpSock): void;
  release?(sk: TcpSock): void;
  /** Slow-start threshold after a loss, in segments. */
  ssthresh(sk: TcpSock): number;
  /** Grows `sk.cc.cwnd` for `acked` segments delivered, `ack` being the acknowledgment number. */
  congAvoid(sk: TcpSock, ack: number, acked: number): void;
  /** Window to return to when a reduction proves needless. */
  undoCwnd(sk: TcpSock): number;
  /** `state` is about to be entered, TCP_CA_*. */
  setState?(sk: TcpSock, state: number): void;
  cwndEvent?(sk: TcpSock, event: number): void;
  pktsAcked?(sk: TcpSock, sample: AckSample): void;
  /** An ACK came; CA_ACK_* bits. What it delivers has been counted. */
  inAckEvent?(sk: TcpSock, flags: number): void;
  /**
   * Sets `sk.cc.cwnd` and `sk.cc.pacingRate` (bytes a second) after each ACK, in recovery too, in place of
   * {@link congAvoid} and the rules of recovery. Valid during the call only.
   */
  congControl?(sk: TcpSock, ack: number, sample: RateSample): void;
  /** Segments of a large packet at least; the host's setting without it. */
  minTsoSegs?(sk: TcpSock): number;
  /** The send buffer holds so many windows; 2 without it. */
  sndbufExpand?(sk: TcpSock): number;
  /** What getsockopt(TCP_CC_INFO) gives, little-endian; empty without it. */
  getInfo?(sk: TcpSock): Uint8Array;
}
