import type { SkBuff } from '@stack/skb';

/**
 * Words of `skb.cb` while TCP owns the buffer.
 *
 * @kernel include/net/tcp.h struct tcp_skb_cb
 */
export const SEQ = 0;
/** `seq` + data + SYN + FIN. */
export const END_SEQ = 1;
/** Header flags, as `tcp.FIN` and its like. */
export const FLAGS = 2;
/** TCPCB_* bits when sent; offset of the SACK option (0: none) when received. */
export const SACKED = 3;

// Received.
export const ACK_SEQ = 4;
/** Initial sequence number that a reused TIME_WAIT asks for, with {@link HAS_TW_ISN}. */
export const TW_ISN = 5;
export const HAS_TW_ISN = 6;
/** Offset of the AccECN option; 0: none. */
export const ACCECN_AT = 7;

// Sent. Times wrap: compare by difference.
/** When it was sent last, in microseconds. */
export const TX_US = 4;
/** The same in milliseconds, as the time stamp option has it. */
export const TX_MS = 5;
/** Segments in the buffer, 0 until counted. */
export const PCOUNT = 6;
/** Payload of each segment; 0 when there is one only. */
export const GSO_SIZE = 7;
/** When the flight that carries it began; when and how much had been delivered then. */
export const FIRST_US = 8;
export const DELIVERED_US = 9;
export const DELIVERED = 10;
/** TXF_* bits. */
export const TX_BITS = 11;

export const TXF_APP_LIMITED = 1;
/** End of record: nothing may be appended. */
export const TXF_EOR = 2;
/** When byte `shinfo.tskey` is acknowledged, the application wants to know. */
export const TXF_ACK_STAMP = 4;
/** Written with MSG_ZEROCOPY alone. @kernel include/linux/skbuff.h SKBFL_PURE_ZEROCOPY */
export const TXF_PURE_ZEROCOPY = 8;

export const TCPCB_SACKED_ACKED = 0x01;
export const TCPCB_SACKED_RETRANS = 0x02;
export const TCPCB_LOST = 0x04;
export const TCPCB_EVER_RETRANS = 0x80;
export const TCPCB_RETRANS = TCPCB_SACKED_RETRANS | TCPCB_EVER_RETRANS;

/** @kernel include/net/tcp.h tcp_skb_mss() */
export function tcpSkbMss(skb: SkBuff): number {
  return skb.cb[GSO_SIZE];
}
