import type { Nanoseconds } from '@stack/clock';
import { EINVAL, ENOMSG } from '@stack/plugin';
import { SKBTX_SCHED_TSTAMP, SKBTX_SW_TSTAMP, ip, skbCopyToBytes, type SkBuff } from '@stack/skb';
import { EMPTY_TRUESIZE, errorQueueOf, SO_EE_ORIGIN_TIMESTAMPING, sockQueueErr } from './error-queue.ts';
import type { MsgHdr } from './message.ts';
import type { Sock } from './sock.ts';
import {
  SOF_TIMESTAMPING_MASK,
  SOF_TIMESTAMPING_OPT_CMSG,
  SOF_TIMESTAMPING_OPT_ID,
  SOF_TIMESTAMPING_OPT_ID_TCP,
  SOF_TIMESTAMPING_OPT_STATS,
  SOF_TIMESTAMPING_OPT_TSONLY,
  SOF_TIMESTAMPING_SOFTWARE,
  SOF_TIMESTAMPING_TX_RECORD_MASK,
  SOF_TIMESTAMPING_TX_SCHED,
  SOF_TIMESTAMPING_TX_SOFTWARE,
} from './stamp-flags.ts';

/** Sets SO_TIMESTAMPING; with OPT_ID, stamps are numbered from now on. @kernel net/core/sock.c sock_set_timestamping() */
export function sockSetTimestamping(sk: Sock, flags: number): number {
  if ((flags & ~SOF_TIMESTAMPING_MASK) !== 0) return -EINVAL;
  const wantsId = (flags & SOF_TIMESTAMPING_OPT_ID) !== 0;
  const fromWritten = (flags & SOF_TIMESTAMPING_OPT_ID_TCP) !== 0;
  if (fromWritten && !wantsId) return -EINVAL;
  if ((flags & SOF_TIMESTAMPING_OPT_STATS) !== 0 && (flags & SOF_TIMESTAMPING_OPT_TSONLY) === 0) return -EINVAL;
  if (wantsId && (sk.settings.timestamping & SOF_TIMESTAMPING_OPT_ID) === 0) {
    const first = sk.firstStampKey(fromWritten);
    if (first === null) return -EINVAL;
    errorQueueOf(sk).stampKey = first;
  }
  sk.change({ timestamping: flags });
  return 0;
}

/** Whether who reads wants to know when it came. @kernel include/net/sock.h sock_recv_timestamp() */
export function sockWantsStamp({ settings }: Sock): boolean {
  return settings.rxStamp !== 0 || (settings.timestamping & SOF_TIMESTAMPING_SOFTWARE) !== 0;
}

/** Which stamps the packets of a call shall have: SOF_TIMESTAMPING_TX_*, or -EINVAL. @kernel net/core/sock.c __sock_cmsg_send() */
export function sockTxStamps(sk: Sock, msg: MsgHdr | null): number {
  if (msg === null || msg.timestamping === -1) return sk.settings.timestamping & SOF_TIMESTAMPING_TX_RECORD_MASK;
  return (msg.timestamping & ~SOF_TIMESTAMPING_TX_RECORD_MASK) === 0 ? msg.timestamping : -EINVAL;
}

/** The marks of a packet for {@link sockTxStamps}. @kernel net/core/sock.c __sock_tx_timestamp() */
export function skbTxFlags(stamps: number): number {
  let flags = 0;
  if ((stamps & SOF_TIMESTAMPING_TX_SOFTWARE) !== 0) flags |= SKBTX_SW_TSTAMP;
  if ((stamps & SOF_TIMESTAMPING_TX_SCHED) !== 0) flags |= SKBTX_SCHED_TSTAMP;
  return flags;
}

/**
 * Tells the application of the time `which` (SCM_TSTAMP_*) of `skb`, with the packet as it is now, headers and all, unless it
 * wants the time only. `key` numbers the stamp.
 *
 * @kernel net/core/skbuff.c __skb_tstamp_tx()
 */
export function skbTstampTx(sk: Sock, skb: SkBuff, which: number, key: number, now: Nanoseconds): void {
  const { timestamping } = sk.settings;
  const alone = (timestamping & SOF_TIMESTAMPING_OPT_TSONLY) !== 0;
  const { dev } = skb;
  const described = !alone && dev !== null && (timestamping & SOF_TIMESTAMPING_OPT_CMSG) !== 0;
  const payload = new Uint8Array(alone ? 0 : skb.len);
  skbCopyToBytes(skb, 0, payload, 0, payload.length);
  sockQueueErr(sk, {
    errno: ENOMSG,
    origin: SO_EE_ORIGIN_TIMESTAMPING,
    info: which,
    data: (timestamping & SOF_TIMESTAMPING_OPT_ID) !== 0 ? key >>> 0 : 0,
    time: now,
    ...(described ? { ttl: ip.ttl(skb), tos: ip.tos(skb), ifindex: dev.ifindex, destination: ip.daddr(skb) } : {}),
    payload,
    truesize: alone ? EMPTY_TRUESIZE : skb.truesize,
  });
}
