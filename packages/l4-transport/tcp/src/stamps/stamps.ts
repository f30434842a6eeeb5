import { SCM_TSTAMP_ACK, type SkBuff } from '@stack/skb';
import { skbTxFlags, SOF_TIMESTAMPING_TX_ACK } from '@stack/sock';
import { SEQ, TX_BITS, TXF_ACK_STAMP } from '../cb.ts';
import { before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';

/** Marks the last byte that the call wrote, be it sent already, for what `stamps` (SOF_TIMESTAMPING_TX_*) ask for. @kernel net/ipv4/tcp.c tcp_tx_timestamp() */
export function tcpTxTimestamp(sk: TcpSock, stamps: number): void {
  const skb = (sk.hasUnsent ? sk.writeQueue.last : null) ?? sk.rtxQueue.last;
  if (skb === null) return;
  const { shinfo } = skb;
  shinfo.txFlags |= skbTxFlags(stamps);
  if ((stamps & SOF_TIMESTAMPING_TX_ACK) !== 0) skb.cb[TX_BITS] |= TXF_ACK_STAMP;
  shinfo.tskey = (skb.cb[SEQ] + skb.len - 1) | 0;
}

/** @kernel net/ipv4/tcp_output.c tcp_has_tx_tstamp() */
export function tcpHasTxTstamp(skb: SkBuff): boolean {
  return (skb.cb[TX_BITS] & TXF_ACK_STAMP) !== 0 || skb.shinfo.txFlags !== 0;
}

/** The marked byte of a buffer is acknowledged: its time is told. @kernel net/ipv4/tcp_input.c tcp_ack_tstamp() */
export function tcpAckTstamp(sk: TcpSock, skb: SkBuff): void {
  if ((skb.cb[TX_BITS] & TXF_ACK_STAMP) === 0 || !before(skb.shinfo.tskey, sk.snd.una)) return;
  skb.cb[TX_BITS] &= ~TXF_ACK_STAMP;
  sk.tstampTx(skb, SCM_TSTAMP_ACK);
}

/** A buffer was cut in two: the marks go to the part that has the byte. @kernel net/ipv4/tcp_output.c tcp_fragment_tstamp() */
export function tcpFragmentTstamp(skb: SkBuff, rest: SkBuff): void {
  if (before(skb.shinfo.tskey, rest.cb[SEQ])) return;
  moveMarks(rest, skb);
  skb.cb[TX_BITS] &= ~TXF_ACK_STAMP;
  skb.shinfo.txFlags = 0;
}

/** The byte whose time is wanted is in `to` now. @kernel net/ipv4/tcp_output.c tcp_skb_collapse_tstamp() */
export function tcpSkbCollapseTstamp(to: SkBuff, skb: SkBuff): void {
  if (tcpHasTxTstamp(skb)) moveMarks(to, skb);
}

function moveMarks(to: SkBuff, from: SkBuff): void {
  to.cb[TX_BITS] |= from.cb[TX_BITS] & TXF_ACK_STAMP;
  to.shinfo.txFlags |= from.shinfo.txFlags;
  to.shinfo.tskey = from.shinfo.tskey;
}
