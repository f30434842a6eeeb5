import { SKBTX_SCHED_TSTAMP, SKBTX_SW_TSTAMP } from './constants.ts';
import type { SkBuff } from './skbuff.ts';

/** Which time it is that a socket is told: a device has the packet, a queue has it, the peer has acknowledged it. @kernel include/uapi/linux/errqueue.h SCM_TSTAMP_SND */
export const SCM_TSTAMP_SND = 0;
export const SCM_TSTAMP_SCHED = 1;
export const SCM_TSTAMP_ACK = 2;

/**
 * The device is about to have the packet: its socket is told when, if it asked. Each driver calls this once for each packet that
 * it takes, before it frees it or gives up its socket.
 *
 * @kernel include/linux/skbuff.h skb_tx_timestamp()
 */
export function skbTxTimestamp(skb: SkBuff): void {
  if ((skb.shinfo.txFlags & SKBTX_SW_TSTAMP) !== 0) skb.sk?.tstampTx?.(skb, SCM_TSTAMP_SND);
}

/** `to` is the part of `from` whose time is told. */
export function skbHandOnTimestamps(to: SkBuff, from: SkBuff): void {
  to.shinfo.txFlags = from.shinfo.txFlags;
  to.shinfo.tskey = from.shinfo.tskey;
  to.sk = from.sk;
}

/** The packet goes to a queue: the same. @kernel net/core/dev.c __dev_queue_xmit() */
export function skbSchedTimestamp(skb: SkBuff): void {
  if ((skb.shinfo.txFlags & SKBTX_SCHED_TSTAMP) !== 0) skb.sk?.tstampTx?.(skb, SCM_TSTAMP_SCHED);
}
