/** Times in jiffies, which are milliseconds. @kernel include/net/tcp.h */
export const TCP_DELACK_MAX = 200;
export const TCP_DELACK_MIN = 40;
export const TCP_ATO_MIN = 40;
export const TCP_RTO_MIN = 200;
/** Shortest time of the loss-probe and reordering timers. */
export const TCP_TIMEOUT_MIN = 2;
export const TCP_TIMEOUT_INIT = 1_000;
export const TCP_TIMEWAIT_LEN = 60_000;
export const TCP_RESOURCE_PROBE_INTERVAL = 500;
export const MAX_TCP_KEEPIDLE = 32_767;
export const MAX_TCP_KEEPINTVL = 32_767;
export const MAX_TCP_KEEPCNT = 127;
export const MAX_TCP_SYNCNT = 127;
/** Seconds after which a remembered time stamp proves nothing. @rfc 7323 5.5 */
export const TCP_PAWS_24DAYS = 60 * 60 * 24 * 24;
export const TCP_PAWS_WINDOW = 1;

export const TCP_MSS_DEFAULT = 536;
export const TCP_MIN_MSS = 88;
export const MAX_TCP_WINDOW = 32_767;
export const TCP_MAX_WSCALE = 14;
export const TCP_INIT_CWND = 10;
export const TCP_FASTRETRANS_THRESH = 3;
export const TCP_MAX_QUICKACKS = 16;
export const TCP_INFINITE_SSTHRESH = 0x7fffffff;
/** Headers that the kernel keeps free in front of a segment: bounds the size of a GSO packet. @kernel include/net/tcp.h MAX_TCP_HEADER */
export const MAX_TCP_HEADER = 320;
export const MAX_TCP_OPTION_SPACE = 40;

/** Congestion states. @kernel include/uapi/linux/tcp.h enum tcp_ca_state */
export const TCP_CA_Open = 0;
export const TCP_CA_Disorder = 1;
export const TCP_CA_CWR = 2;
export const TCP_CA_Recovery = 3;
export const TCP_CA_Loss = 4;

/** Bits of `nonagle`. @kernel include/net/tcp.h */
export const TCP_NAGLE_OFF = 1;
export const TCP_NAGLE_CORK = 2;
export const TCP_NAGLE_PUSH = 4;

/** What the one retransmission timer is armed for. @kernel include/net/inet_connection_sock.h */
export const ICSK_TIME_NONE = 0;
export const ICSK_TIME_RETRANS = 1;
export const ICSK_TIME_PROBE0 = 3;
export const ICSK_TIME_LOSS_PROBE = 5;
export const ICSK_TIME_REO_TIMEOUT = 6;

/** Bits of `ack.pending`. @kernel include/net/inet_connection_sock.h enum inet_csk_ack_state_t */
export const ICSK_ACK_SCHED = 1;
export const ICSK_ACK_TIMER = 2;
export const ICSK_ACK_PUSHED = 4;
export const ICSK_ACK_PUSHED2 = 8;
export const ICSK_ACK_NOW = 16;
export const ICSK_ACK_NOMEM = 32;

/** Bits of `sackOk`. @kernel include/net/tcp.h */
export const TCP_DSACK_SEEN = 4;

/** Deferred work, bits of `sk.deferred`. @kernel include/linux/tcp.h enum tsq_enum */
export const TSQ_THROTTLED = 1;
export const TSQ_QUEUED = 2;
export const TCP_TSQ_DEFERRED = 4;
export const TCP_WRITE_TIMER_DEFERRED = 8;
export const TCP_DELACK_TIMER_DEFERRED = 16;
export const TCP_MTU_REDUCED_DEFERRED = 32;
export const TCP_DEFERRED_ALL =
  TCP_TSQ_DEFERRED | TCP_WRITE_TIMER_DEFERRED | TCP_DELACK_TIMER_DEFERRED | TCP_MTU_REDUCED_DEFERRED;

/** Jiffies in a second, for options that users give in seconds. */
export const HZ_SECOND = 1_000;
/** Time-out when no round trip was measured during the handshake. @kernel include/net/tcp.h TCP_TIMEOUT_FALLBACK */
export const TCP_TIMEOUT_FALLBACK = 3_000;
/** Bytes of a time stamp option, with its padding. @kernel include/net/tcp.h TCPOLEN_TSTAMP_ALIGNED */
export const TS_OPTION = 12;
