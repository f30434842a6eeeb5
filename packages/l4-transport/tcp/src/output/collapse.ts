import { skbShift, type SkBuff } from '@stack/skb';
import { END_SEQ, FLAGS, SEQ, TX_BITS, TXF_EOR, TXF_PURE_ZEROCOPY } from '../cb.ts';
import { skWmemFreeSkb } from '../flight.ts';
import type { TcpSock } from '../sock.ts';
import { tcpSkbCollapseTstamp } from '../stamps/stamps.ts';

/** Whether data may be appended: not behind the end of a record. @kernel include/net/tcp.h tcp_skb_can_collapse_to() */
export function tcpSkbCanCollapseTo(skb: SkBuff): boolean {
  return (skb.cb[TX_BITS] & TXF_EOR) === 0;
}

/** Whether data of `from` may move to `to`, in front of it. @kernel include/net/tcp.h tcp_skb_can_collapse() */
export function tcpSkbCanCollapse(to: SkBuff, from: SkBuff): boolean {
  return tcpSkbCanCollapseTo(to) && ((to.cb[TX_BITS] ^ from.cb[TX_BITS]) & TXF_PURE_ZEROCOPY) === 0;
}

/** `skb` has been emptied into `to`: what it stood for besides its bytes goes along. */
export function tcpTakeOver(to: SkBuff, skb: SkBuff): void {
  to.cb[FLAGS] |= skb.cb[FLAGS];
  to.cb[END_SEQ] = skb.cb[END_SEQ];
  to.cb[TX_BITS] |= skb.cb[TX_BITS] & TXF_EOR;
  tcpSkbCollapseTstamp(to, skb);
}

/**
 * Moves up to `bytes` from the next buffer of the write queue to `skb`, its head: small writes leave in large packets.
 *
 * @kernel net/ipv4/tcp_output.c tcp_grow_skb()
 */
export function tcpGrowSkb(sk: TcpSock, skb: SkBuff, bytes: number): void {
  const next = skb.next;
  if (next === null || !tcpSkbCanCollapse(skb, next)) return;
  const moved = Math.min(bytes, next.len);
  if (moved === 0 || !skbShift(skb, next, moved)) return;
  skb.cb[END_SEQ] += moved;
  next.cb[SEQ] += moved;
  if (next.len > 0) return;
  tcpTakeOver(skb, next);
  sk.writeQueue.remove(next);
  skWmemFreeSkb(sk, next);
}
