import { ENOMSG } from '@stack/plugin';
import type { SkBuff } from '@stack/skb';
import { errorQueueOf, SCM_TSTAMP_ACK, SO_EE_ORIGIN_TIMESTAMPING, sockQueueErr } from '@stack/sock';
import { SEQ, TX_BITS, TXF_ACK_STAMP } from '../cb.ts';
import { before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { SOF_TIMESTAMPING_OPT_ID, SOF_TIMESTAMPING_TX_ACK } from './options.ts';

/** Marks the last byte that the call wrote. @kernel net/ipv4/tcp.c tcp_tx_timestamp() */
export function tcpTxTimestamp(sk: TcpSock): void {
  if ((sk.settings.timestamping & SOF_TIMESTAMPING_TX_ACK) === 0) return;
  const last = sk.writeQueue.last ?? sk.rtxQueue.last;
  if (last === null) return;
  last.cb[TX_BITS] |= TXF_ACK_STAMP;
  last.shinfo.tskey = (sk.snd.writeSeq - 1) | 0;
}

/** The marked byte of a buffer is acknowledged: its time is told. @kernel net/ipv4/tcp_input.c tcp_ack_tstamp() */
export function tcpAckTstamp(sk: TcpSock, skb: SkBuff): void {
  const key = skb.shinfo.tskey;
  if (!before(key, sk.snd.una)) return;
  skb.cb[TX_BITS] &= ~TXF_ACK_STAMP;
  const numbered = (sk.settings.timestamping & SOF_TIMESTAMPING_OPT_ID) !== 0;
  sockQueueErr(sk, {
    errno: ENOMSG,
    origin: SO_EE_ORIGIN_TIMESTAMPING,
    info: SCM_TSTAMP_ACK,
    data: numbered ? (key - errorQueueOf(sk).stampKey) >>> 0 : 0,
    time: sk.tcp.clock.now(),
  });
}

/** A buffer was cut in two: the mark goes to the part that has the byte. @kernel net/ipv4/tcp_output.c tcp_fragment_tstamp() */
export function tcpFragmentTstamp(skb: SkBuff, rest: SkBuff): void {
  const key = skb.shinfo.tskey;
  if (before(key, rest.cb[SEQ])) {
    rest.cb[TX_BITS] &= ~TXF_ACK_STAMP;
  } else {
    skb.cb[TX_BITS] &= ~TXF_ACK_STAMP;
    rest.shinfo.tskey = key;
  }
}
