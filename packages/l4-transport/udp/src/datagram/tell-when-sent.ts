import { ENOBUFS } from '@stack/plugin';
import { skbZcopySet, type SkBuff } from '@stack/skb';
import { errorQueueOf, MSG_ZEROCOPY, msgZerocopyRealloc, skbTxFlags, SOF_TIMESTAMPING_OPT_ID } from '@stack/sock';
import type { DatagramSock } from './datagram-sock.ts';

/**
 * Marks a datagram of `length` bytes for the time stamps `stamps` (SOF_TIMESTAMPING_TX_*), and for MSG_ZEROCOPY among `flags`. 0, or
 * -ENOBUFS when too much is to be told that nobody reads.
 *
 * @kernel net/ipv4/ip_output.c __ip_append_data()
 */
export function tellWhenSent(sk: DatagramSock, skb: SkBuff, flags: number, length: number, stamps: number): number {
  if ((flags & MSG_ZEROCOPY) !== 0 && sk.settings.zerocopy) {
    const call = msgZerocopyRealloc(sk, length, null, sk.home.net.optmemMax);
    if (call === null) return -ENOBUFS;
    call.copied = true; // into the arena
    skbZcopySet(skb, call);
    call.end(true);
  }
  skb.shinfo.txFlags = skbTxFlags(stamps);
  if (skb.shinfo.txFlags === 0) return 0;
  if ((sk.settings.timestamping & SOF_TIMESTAMPING_OPT_ID) !== 0) skb.shinfo.tskey = errorQueueOf(sk).stampKey++;
  return 0;
}
