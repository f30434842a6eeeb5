import { DropReason, tcp as th, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { ACK_SEQ, END_SEQ, SACKED, SEQ } from '../cb.ts';
import { tcpEcnReceivedCounters } from '../ecn/counters.ts';
import { Tcp, TcpExt } from '../mib.ts';
import { tcpDataSndCheck } from '../output/push.ts';
import { tcpStoreTsRecent } from '../paws.ts';
import { after } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { tcpUrg } from '../urgent/receive.ts';
import { tcpAck } from './ack.ts';
import { __tcpAckSndCheck, tcpAckSndCheck } from './ack-snd-check.ts';
import { tcpDataQueue, tcpQueueRcv } from './data-queue.ts';
import { tcpDataReady, tcpEventDataRecv } from './data-recv.ts';
import { TCP_HP_BITS } from './fast-path.ts';
import { FLAG_DATA, FLAG_SLOWPATH, FLAG_TS_PROGRESS, FLAG_UPDATE_TS_RECENT } from './flags.ts';
import { tcpParseAlignedTimestamp } from './parse-options.ts';
import { inetCskAckScheduled } from './quickack.ts';
import { tcpRcvRttMeasureTs } from './rcvbuf.ts';
import { tcpValidateIncoming } from './validate.ts';

/** Whether the segment is the one that was predicted. */
function predicted(sk: TcpSock, skb: SkBuff): boolean {
  const { cb } = skb;
  const word = skb.arena.view.getInt32(skb.transportHeader + 12);
  if ((word & TCP_HP_BITS) !== sk.predFlags || cb[SEQ] !== sk.rcv.nxt || after(cb[ACK_SEQ], sk.snd.nxt)) return false;
  const { heard } = sk.tcp;
  heard.clear();
  cb[SACKED] = 0;
  if (sk.snd.headerLen === th.LENGTH) return true;
  return tcpParseAlignedTimestamp(sk, skb) && ((heard.val - sk.opt.tsRecent) | 0) >= 0;
}

/** The predicted segment has data: nearly nothing but queueing them. */
function fastData(sk: TcpSock, skb: SkBuff): void {
  const { cb } = skb;
  tcpRcvRttMeasureTs(sk, skb);
  sk.tcp.mib.ext[TcpExt.TCPHPHits]++;
  skb.pull(sk.snd.headerLen);
  if (sk.ecn !== null) tcpEcnReceivedCounters(sk, skb, skb.len);
  const eaten = tcpQueueRcv(sk, skb);
  tcpEventDataRecv(sk, skb);
  let owed = true;
  if (cb[ACK_SEQ] !== sk.snd.una) {
    // The skb may be queued by now, but nobody else runs until we return.
    tcpAck(sk, skb, FLAG_DATA);
    tcpDataSndCheck(sk);
    owed = inetCskAckScheduled(sk);
  } else {
    sk.snd.wl1 = cb[SEQ];
  }
  if (owed) __tcpAckSndCheck(sk, false);
  if (eaten) skb.consume();
  tcpDataReady(sk);
}

/** The predicted segment only acknowledges: bulk data, seen by their sender. */
function fastAck(sk: TcpSock, skb: SkBuff, progress: number): void {
  if (sk.ecn !== null) tcpEcnReceivedCounters(sk, skb, 0);
  tcpAck(sk, skb, progress);
  skb.consume();
  tcpDataSndCheck(sk);
  sk.rcvRtt.lastTsecr = sk.tcp.heard.ecr;
}

/**
 * A segment for an established connection. Owns the skb. The common ones, predicted by the last, take a short way.
 *
 * @kernel net/ipv4/tcp_input.c tcp_rcv_established() @rfc 9293 3.10.7.4
 */
export function tcpRcvEstablished(sk: TcpSock, skb: SkBuff): void {
  if (tracing.on) trace('tcp_rcv_established', skb);
  const { rcv, snd, tcp } = sk;
  if (predicted(sk, skb)) {
    const room = skb.len - snd.headerLen;
    let progress = 0;
    if (rcv.nxt === rcv.wup && snd.headerLen !== th.LENGTH) {
      if (tcp.heard.val !== sk.opt.tsRecent) progress = FLAG_TS_PROGRESS;
      tcpStoreTsRecent(sk);
    }
    if (room === 0) {
      fastAck(sk, skb, progress);
      return;
    }
    if (sk.rmemAlloc <= sk.rcvbuf && skb.cb[END_SEQ] !== skb.cb[SEQ] && tcpRoomFor(sk, skb)) {
      fastData(sk, skb);
      return;
    }
  }
  const flags = th.flags(skb);
  if ((flags & (th.ACK | th.RST | th.SYN)) === 0) {
    tcp.mib.tcp[Tcp.InErrs]++;
    skb.drop(DropReason.TCP_FLAGS);
    return;
  }
  if (!tcpValidateIncoming(sk, skb, true)) return;
  if (sk.ecn !== null) tcpEcnReceivedCounters(sk, skb, skb.len - th.headerLength(skb));
  const reason = tcpAck(sk, skb, FLAG_SLOWPATH | FLAG_UPDATE_TS_RECENT);
  if (reason < 0) {
    skb.drop(-reason);
    return;
  }
  tcpRcvRttMeasureTs(sk, skb);
  if (sk.urgent !== null || (flags & th.URG) !== 0) tcpUrg(sk, skb);
  tcpDataQueue(sk, skb);
  tcpDataSndCheck(sk);
  tcpAckSndCheck(sk);
}

/** Data beyond the window are for the slow path. */
function tcpRoomFor(sk: TcpSock, skb: SkBuff): boolean {
  return !after(skb.cb[END_SEQ], (sk.rcv.wup + sk.rcv.wnd) | 0);
}
