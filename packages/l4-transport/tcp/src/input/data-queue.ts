import { DropReason, tcp as th, type SkBuff } from '@stack/skb';
import { skbSetOwnerR } from '@stack/sock';
import { END_SEQ, FLAGS, SEQ } from '../cb.ts';
import { ICSK_ACK_NOMEM, ICSK_ACK_NOW, TCP_MAX_QUICKACKS } from '../constants.ts';
import { tcpEcnAcceptCwr } from '../ecn/receive.ts';
import { TcpExt } from '../mib.ts';
import { after, before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { tcpReceiveWindow } from '../win.ts';
import { tcpTryCoalesce } from './coalesce.ts';
import { tcpDataReady, tcpEventDataRecv } from './data-recv.ts';
import { tcpFastPathCheck } from './fast-path.ts';
import { tcpDataQueueOfo, tcpOfoQueue, tcpRcvNxtUpdate } from './ofo.ts';
import { tcpTryRmemSchedule } from './prune.ts';
import { inetCskScheduleAck, tcpEnterQuickackMode } from './quickack.ts';
import { tcpFin } from './reset.ts';
import { tcpDsackSet, tcpSackRemove } from './sack-blocks.ts';

/**
 * Adds data that came in order to the receive queue. True when they were appended to the last packet there: then the
 * skb remains with the caller, who frees it after a last look.
 *
 * @kernel net/ipv4/tcp_input.c tcp_queue_rcv()
 */
export function tcpQueueRcv(sk: TcpSock, skb: SkBuff): boolean {
  const tail = sk.receiveQueue.last;
  const eaten = tail !== null && tcpTryCoalesce(sk, tail, skb);
  tcpRcvNxtUpdate(sk, skb.cb[END_SEQ]);
  if (!eaten) {
    sk.receiveQueue.push(skb);
    skbSetOwnerR(skb, sk);
  }
  return eaten;
}

/** Puts the data of a segment where they belong. Owns the skb. @kernel net/ipv4/tcp_input.c tcp_data_queue() @rfc 9293 3.10.7.4 */
export function tcpDataQueue(sk: TcpSock, skb: SkBuff): void {
  const { rcv } = sk;
  const seq = skb.cb[SEQ];
  const end = skb.cb[END_SEQ];
  if (seq === end) {
    skb.consume();
    return;
  }
  skb.dst = null;
  skb.pull(th.headerLength(skb));
  if (sk.ecn !== null) tcpEcnAcceptCwr(sk, sk.ecn, skb);
  if (sk.disorder !== null) sk.disorder.dsack = false;
  if (seq === rcv.nxt) {
    // Some peers send a bare FIN into a closed window.
    if (tcpReceiveWindow(sk) === 0 && (skb.len > 0 || (skb.cb[FLAGS] & th.FIN) === 0)) {
      sk.tcp.mib.ext[TcpExt.TCPZeroWindowDrop]++;
      outOfWindow(sk, skb, DropReason.TCP_ZEROWINDOW);
    } else queueInOrder(sk, skb);
  } else if (!after(end, rcv.nxt)) {
    // A retransmission of what we have: its ACK was lost.
    sk.tcp.mib.ext[TcpExt.DelayedACKLost]++;
    tcpDsackSet(sk, seq, end);
    outOfWindow(sk, skb, DropReason.TCP_OLD_DATA);
  } else if (!before(seq, (rcv.nxt + tcpReceiveWindow(sk)) | 0)) {
    outOfWindow(sk, skb, DropReason.TCP_OVERWINDOW);
  } else if (before(seq, rcv.nxt)) {
    tcpDsackSet(sk, seq, rcv.nxt);
    if (tcpReceiveWindow(sk) === 0) outOfWindow(sk, skb, DropReason.TCP_ZEROWINDOW);
    else queueInOrder(sk, skb);
  } else {
    tcpDataQueueOfo(sk, skb);
  }
}

function outOfWindow(sk: TcpSock, skb: SkBuff, reason: number): void {
  tcpEnterQuickackMode(sk, TCP_MAX_QUICKACKS);
  inetCskScheduleAck(sk);
  skb.drop(reason);
}

function queueInOrder(sk: TcpSock, skb: SkBuff): void {
  if (!tcpTryRmemSchedule(sk, skb) && noMemory(sk, skb)) return;
  const eaten = tcpQueueRcv(sk, skb);
  if (skb.len > 0) tcpEventDataRecv(sk, skb);
  if ((skb.cb[FLAGS] & th.FIN) !== 0) tcpFin(sk);
  if (sk.hasHoles) {
    tcpOfoQueue(sk, sk.disorder!.ofo);
    if (!sk.hasHoles) sk.ack.pending |= ICSK_ACK_NOW; // a gap was filled: tell at once
  }
  tcpSackRemove(sk);
  tcpFastPathCheck(sk);
  if (eaten) skb.consume();
  if (!sk.dead) tcpDataReady(sk);
}

/** Advertises no window. True when the segment was dropped; one may pass when the queue is empty. */
function noMemory(sk: TcpSock, skb: SkBuff): boolean {
  sk.ack.pending |= ICSK_ACK_NOMEM | ICSK_ACK_NOW;
  inetCskScheduleAck(sk);
  sk.dataReady();
  if (sk.receiveQueue.empty || skb.len === 0) return false;
  sk.tcp.mib.ext[TcpExt.TCPRcvQDrop]++;
  skb.drop(DropReason.PROTO_MEM);
  return true;
}
