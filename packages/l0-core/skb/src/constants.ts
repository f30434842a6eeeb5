/** How much of the checksum is known. @kernel include/linux/skbuff.h CHECKSUM_NONE */
export const CHECKSUM_NONE = 0;
/** Received: the chip verified `csumLevel + 1` checksums. Sent: nothing left to do. */
export const CHECKSUM_UNNECESSARY = 1;
/** Received: `csum` is the partial sum of everything from `data` on. */
export const CHECKSUM_COMPLETE = 2;
/** Sent: someone must still sum from `csumStart` to the end and store at `csumStart + csumOffset`. */
export const CHECKSUM_PARTIAL = 3;

/** To whom the frame was sent. @kernel include/uapi/linux/if_packet.h */
export const PACKET_HOST = 0;
export const PACKET_BROADCAST = 1;
export const PACKET_MULTICAST = 2;
export const PACKET_OTHERHOST = 3;
export const PACKET_OUTGOING = 4;
export const PACKET_LOOPBACK = 5;

export const SKB_GSO_TCPV4 = 1 << 0;
export const SKB_GSO_DODGY = 1 << 1;
export const SKB_GSO_TCP_ECN = 1 << 2;
export const SKB_GSO_TCP_FIXEDID = 1 << 3;
export const SKB_GSO_UDP_L4 = 1 << 17;
/** CWR is part of a count and belongs to every segment. */
export const SKB_GSO_TCP_ACCECN = 1 << 19;

/** Time stamps that the socket asked for, in `shinfo.txFlags`. @kernel include/linux/skbuff.h SKBTX_SW_TSTAMP */
export const SKBTX_SW_TSTAMP = 1 << 1;
export const SKBTX_SCHED_TSTAMP = 1 << 6;

export const MAX_SKB_FRAGS = 17;

/** 32-bit words of an skb's `cb`. */
export const CB_WORDS = 12;

/**
 * Sizes of the kernel's structures on 64-bit machines, for `truesize`: TCP's windows depend on this arithmetic, so
 * it follows the kernel's and not JavaScript's cost.
 */
export const SIZEOF_SK_BUFF = 256;
export const SIZEOF_SHARED_INFO = 320;

/** @kernel include/linux/skbuff.h SKB_TRUESIZE() */
export function skbTruesize(dataSize: number): number {
  return dataSize + SIZEOF_SK_BUFF + SIZEOF_SHARED_INFO;
}

/** What the kernel takes for every small head, with its shared info. @kernel net/core/skbuff.c SKB_SMALL_HEAD_CACHE_SIZE */
const SMALL_HEAD = 640;
const CACHE_LINE = 64;

/**
 * Bytes of data that fit where the kernel allocates `size`: small heads are all alike, larger ones powers of two, less
 * the shared info at the end.
 *
 * @kernel net/core/skbuff.c kmalloc_reserve()
 */
export function kmallocRoundup(size: number): number {
  const whole = ((size + CACHE_LINE - 1) & -CACHE_LINE) + SIZEOF_SHARED_INFO;
  const taken = whole <= SMALL_HEAD ? SMALL_HEAD : 1 << (32 - Math.clz32(whole - 1));
  return taken - SIZEOF_SHARED_INFO;
}
