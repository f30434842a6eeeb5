import type { Rtable } from '@stack/ipv4';
import type { SkBuff } from '@stack/skb';
import { TCP_NEW_SYN_RECV, type SockCommon } from '@stack/sock';
import { WheelTimer, type TimerWheel } from '@stack/softirq';
import type { AccurateEcn } from '../ecn/accurate-state.ts';
import type { TcpSock } from '../sock.ts';

/**
 * Somebody asked for a connection and has our SYN-ACK: as little as it takes to finish the handshake.
 *
 * @kernel include/linux/tcp.h struct tcp_request_sock
 */
export class TcpRequestSock extends WheelTimer implements SockCommon {
  readonly state = TCP_NEW_SYN_RECV;
  readonly listener: TcpSock;
  rcvSaddr = 0;
  daddr = 0;
  boundPort = 0;
  dport = 0;
  boundDevIf = 0;
  hash = -1;
  hashNext: SockCommon | null = null;
  hashPrev: SockCommon | null = null;

  // What the peer offered and what we answered.
  rcvIsn = 0;
  /** What SYN-ACK acknowledges: the SYN, and its data if Fast Open took them. */
  rcvNxt = 0;
  sndIsn = 0;
  mss = 0;
  sackOk = false;
  wscaleOk = false;
  sndWscale = 0;
  tstampOk = false;
  tsRecent = 0;
  tsOffset = 0;
  /** Time stamps of the first SYN-ACK and of the last: what the peer echoes lies between. */
  tsvalFirst = 0;
  tsvalLast = 0;
  rcvWnd = 0;
  rcvWscale = 0;
  windowClamp = 0;
  tos = 0;
  mark = 0;
  /** Of the SYN. */
  synTos = 0;
  /** Congestion notification was asked for, and we agree. */
  ecnOk = false;
  accurate: AccurateEcn | null = null;
  route: Rtable | null = null;

  /** Headers of the SYN, for TCP_SAVED_SYN. */
  savedSyn: Uint8Array | null = null;

  /** When SYN-ACK was sent first, in microseconds: the first sample of the round trip. */
  sentUs = 0;
  /** How often it was sent again, and how often its timer expired. */
  retransmits = 0;
  timeouts = 0;
  lastOowTime = 0;
  /** The last ACK came, and the accept queue was full. */
  acked = false;

  constructor(listener: TcpSock, wheel: TimerWheel, expired: (this: TcpRequestSock) => void) {
    super(wheel, expired as () => void);
    this.listener = listener;
  }
}

/** The listener's mark; if it has none, that of the SYN where this is wanted. @kernel include/net/inet_sock.h inet_request_mark() */
export function inetRequestMark({ settings, tcp }: TcpSock, skb: SkBuff): number {
  return settings.mark === 0 && tcp.sysctl.tcp_fwmark_accept ? skb.mark : settings.mark;
}

/** The window that a SYN-ACK, which has no scale, can tell of; until the connection is made the peer has no other. @kernel include/net/tcp.h tcp_synack_window() */
export function tcpSynackWindow(request: TcpRequestSock): number {
  return Math.min(request.rcvWnd, 65_535);
}
