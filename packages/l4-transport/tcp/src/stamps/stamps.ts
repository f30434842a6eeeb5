import { ENOMSG } from '@stack/plugin';
import { skbCopyToBytes, type SkBuff } from '@stack/skb';
import { errorQueueOf, SCM_TSTAMP_ACK, SO_EE_ORIGIN_TIMESTAMPING, sockQueueErr } from '@stack/sock';
import { SEQ, TX_BITS, TXF_ACK_STAMP, TXF_SCHED_STAMP, TXF_SND_STAMP, TXF_STAMPS } from '../cb.ts';
import { before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import * as so from './options.ts';

/** Marks the last byte that the call wrote, for what `flags` (SOF_TIMESTAMPING_TX_*) ask for. @kernel net/ipv4/tcp.c tcp_tx_timestamp() */
export function tcpTxTimestamp(sk: TcpSock, flags: number): void {
  const last = sk.hasUnsent ? sk.writeQueue.last : null;
  let bits = 0;
  if ((flags & so.SOF_TIMESTAMPING_TX_SCHED) !== 0) bits |= TXF_SCHED_STAMP;
  if ((flags & so.SOF_TIMESTAMPING_TX_SOFTWARE) !== 0) bits |= TXF_SND_STAMP;
  if ((flags & so.SOF_TIMESTAMPING_TX_ACK) !== 0) bits |= TXF_ACK_STAMP;
  if (last === null || bits === 0) return;
  last.cb[TX_BITS] |= bits;
  last.shinfo.tskey = (sk.snd.writeSeq - 1) | 0;
}

/** The marked byte of a buffer is acknowledged: its time is told. @kernel net/ipv4/tcp_input.c tcp_ack_tstamp() */
export function tcpAckTstamp(sk: TcpSock, skb: SkBuff): void {
  if (!before(skb.shinfo.tskey, sk.snd.una)) return;
  skb.cb[TX_BITS] &= ~TXF_ACK_STAMP;
  skbTstampTx(sk, skb, SCM_TSTAMP_ACK);
}

/** Tells the application of time stamp `which`, SCM_TSTAMP_*. @kernel net/core/skbuff.c __skb_tstamp_tx() */
export function skbTstampTx(sk: TcpSock, skb: SkBuff, which: number): void {
  const { timestamping } = sk.settings;
  const numbered = (timestamping & so.SOF_TIMESTAMPING_OPT_ID) !== 0;
  const payload = new Uint8Array((timestamping & so.SOF_TIMESTAMPING_OPT_TSONLY) !== 0 ? 0 : skb.len);
  skbCopyToBytes(skb, 0, payload, 0, payload.length);
  sockQueueErr(sk, {
    errno: ENOMSG,
    origin: SO_EE_ORIGIN_TIMESTAMPING,
    info: which,
    data: numbered ? (skb.shinfo.tskey - errorQueueOf(sk).stampKey) >>> 0 : 0,
    time: (timestamping & so.SOF_TIMESTAMPING_SOFTWARE) !== 0 ? sk.tcp.clock.now() : 0,
    payload,
  });
}

/** A buffer was cut in two: the marks go to the part that has the byte. @kernel net/ipv4/tcp_output.c tcp_fragment_tstamp() */
export function tcpFragmentTstamp(skb: SkBuff, rest: SkBuff): void {
  const key = skb.shinfo.tskey;
  if (before(key, rest.cb[SEQ])) {
    rest.cb[TX_BITS] &= ~TXF_STAMPS;
  } else {
    skb.cb[TX_BITS] &= ~TXF_STAMPS;
    rest.shinfo.tskey = key;
  }
}
