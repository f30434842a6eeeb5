/**
 * What TCP knows of a connection. Times in microseconds unless said otherwise, windows and counts in segments. A
 * listener has its accept queue in `unacked` and its backlog in `sacked`.
 *
 * @kernel include/uapi/linux/tcp.h struct tcp_info
 */
export interface TcpInfo {
  state: number;
  caState: number;
  retransmits: number;
  probes: number;
  backoff: number;
  /** TCPI_OPT_* bits, two of them by name. */
  options: number;
  timestamps: boolean;
  sack: boolean;
  sndWscale: number;
  rcvWscale: number;
  deliveryRateAppLimited: boolean;
  /** TFO_*. */
  fastopenClientFail: number;
  rto: number;
  ato: number;
  sndMss: number;
  rcvMss: number;
  unacked: number;
  sacked: number;
  lost: number;
  retrans: number;
  /** Milliseconds ago. */
  lastDataSent: number;
  lastDataRecv: number;
  lastAckRecv: number;
  pmtu: number;
  rcvSsthresh: number;
  rtt: number;
  rttvar: number;
  sndSsthresh: number;
  sndCwnd: number;
  advmss: number;
  reordering: number;
  rcvRtt: number;
  rcvSpace: number;
  totalRetrans: number;
  /** Bytes a second; infinite without a limit. */
  pacingRate: number;
  maxPacingRate: number;
  bytesAcked: number;
  bytesReceived: number;
  segsOut: number;
  segsIn: number;
  notsentBytes: number;
  /** 2^32 - 1 until measured. */
  minRtt: number;
  dataSegsIn: number;
  dataSegsOut: number;
  /** Bytes a second. */
  deliveryRate: number;
  /** Time with data to send; of that, waiting for the peer's window, and for room in our buffer. */
  busyTime: number;
  rwndLimited: number;
  sndbufLimited: number;
  delivered: number;
  deliveredCe: number;
  bytesSent: number;
  bytesRetrans: number;
  dsackDups: number;
  reordSeen: number;
  rcvOooPack: number;
  /** Bytes. */
  sndWnd: number;
  rcvWnd: number;
  /** How often a time-out made the flow look for another path. */
  rehash: number;
  totalRto: number;
  totalRtoRecoveries: number;
  /** Milliseconds. */
  totalRtoTime: number;
  receivedCe: number;
  deliveredE1Bytes: number;
  deliveredE0Bytes: number;
  deliveredCeBytes: number;
  receivedE1Bytes: number;
  receivedE0Bytes: number;
  receivedCeBytes: number;
  accecnFailMode: number;
  accecnOptSeen: number;
}
