import type { SkBuff } from '@stack/skb';

/**
 * What IPv4 keeps in `skb.cb` while it owns a packet: indices of its integers.
 *
 * @kernel include/net/ip.h struct inet_skb_parm
 */
export const IPCB_FLAGS = 0;
/** Size of the largest fragment a datagram was reassembled from, 0 for others. */
export const IPCB_FRAG_MAX_SIZE = 1;
/** Bytes of IP options. The rest is written only when there are any. */
export const IPCB_OPTLEN = 2;
/** Where in the header the options begin that we act on; 0: not there. */
export const IPCB_SRR = 3;
export const IPCB_RR = 4;
export const IPCB_TS = 5;
/** OPT_* bits. */
export const IPCB_OPT = 6;
/** The next hop of a source route. */
export const IPCB_NEXTHOP = 7;
/** Place of a fragment's data in the datagram, in bytes. */
export const IPCB_OFFSET = 8;

/** @kernel include/net/ip.h IPSKB_FORWARDED */
export const IPSKB_FORWARDED = 1;
export const IPSKB_REROUTED = 2;
export const IPSKB_DOREDIRECT = 4;
/** Fragments must carry DF: the sender looks for the path MTU. */
export const IPSKB_FRAG_PMTU = 8;

export const OPT_STRICTROUTE = 1;
export const OPT_SRR_IS_HIT = 2;
export const OPT_IS_CHANGED = 4;
export const OPT_RR_NEEDADDR = 8;
export const OPT_TS_NEEDTIME = 16;
export const OPT_TS_NEEDADDR = 32;
export const OPT_ROUTER_ALERT = 64;

/** The packet is IPv4's now, and nothing is known of it. */
export function ipcbReset(skb: SkBuff): void {
  const { cb } = skb;
  cb[IPCB_FLAGS] = 0;
  cb[IPCB_FRAG_MAX_SIZE] = 0;
  cb[IPCB_OPTLEN] = 0;
}
