import { DropReason, tcp as th, type SkbQueue, type SkBuff } from '@stack/skb';
import { skbSetOwnerR } from '@stack/sock';
import { END_SEQ, FLAGS, SEQ } from '../cb.ts';
import { tcpDataEcnCheck } from '../ecn/receive.ts';
import { tcpIsReno } from '../flight.ts';
import { TcpExt } from '../mib.ts';
import { after, before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { tcpTryCoalesce } from './coalesce.ts';
import { tcpMeasureRcvMss } from './data-recv.ts';
import { tcpTryRmemSchedule } from './prune.ts';
import { inetCskScheduleAck } from './quickack.ts';
import { tcpGrowWindow, tcpRcvbufGrow } from './rcvbuf.ts';
import { tcpFin } from './reset.ts';
import { disorderOf, tcpDsackExtend, tcpDsackSet, tcpSackNewOfoSkb } from './sack-blocks.ts';

/** Counts what came in order. @kernel net/ipv4/tcp_input.c tcp_rcv_nxt_update() */
export function tcpRcvNxtUpdate(sk: TcpSock, seq: number): void {
  sk.rcv.bytesReceived += (seq - sk.rcv.nxt) | 0;
  sk.rcv.nxt = seq;
}

/** Keeps a segment that came before its turn. Owns the skb. @kernel net/ipv4/tcp_input.c tcp_data_queue_ofo() @rfc 9293 3.10.7.4 */
export function tcpDataQueueOfo(sk: TcpSock, skb: SkBuff): void {
  const { ext } = sk.tcp.mib;
  if (sk.ecn !== null) tcpDataEcnCheck(sk, sk.ecn, skb);
  if (!tcpTryRmemSchedule(sk, skb)) {
    ext[TcpExt.TCPOFODrop]++;
    sk.dataReady();
    skb.drop(DropReason.PROTO_MEM);
    return;
  }
  tcpMeasureRcvMss(sk, skb);
  sk.predFlags = 0;
  inetCskScheduleAck(sk);
  ext[TcpExt.TCPOFOQueue]++;
  const seq = skb.cb[SEQ];
  const end = skb.cb[END_SEQ];
  const disorder = disorderOf(sk);
  disorder.rcvOooPack += Math.max(1, skb.shinfo.gsoSegs);
  const { ofo } = disorder;
  const kept = insert(sk, ofo, skb, seq, end);
  if (!tcpIsReno(sk)) {
    tcpSackNewOfoSkb(sk, seq, end);
    if (kept) tcpGrowWindow(sk, skb, false);
  }
  if (kept) skbSetOwnerR(skb, sk);
  if (sk.waiter !== null) tcpRcvbufGrow(sk, sk.rcv.spaceSpace); // not for those that nobody has accepted
}

/** Finds the place and joins, replaces or drops what overlaps. False when the skb is no more. */
function insert(sk: TcpSock, ofo: SkbQueue, skb: SkBuff, seq: number, end: number): boolean {
  // Nearly always it belongs at the end, so look from there.
  let left = ofo.last;
  while (left !== null && before(seq, left.cb[SEQ])) left = left.prev;
  if (left !== null) {
    if (before(seq, left.cb[END_SEQ])) {
      if (!after(end, left.cb[END_SEQ])) {
        tcpDsackSet(sk, seq, end); // nothing new
        merged(sk, skb);
        return false;
      }
      if (after(seq, left.cb[SEQ])) {
        tcpDsackSet(sk, seq, left.cb[END_SEQ]);
      } else {
        const covered = left;
        left = left.prev;
        tcpDsackExtend(sk, seq, covered.cb[END_SEQ]);
        ofo.remove(covered);
        merged(sk, covered);
      }
    } else if (tcpTryCoalesce(sk, left, skb)) {
      if (!tcpIsReno(sk)) tcpGrowWindow(sk, skb, true); // without SACK the window must not move: ACKs would not count as duplicates
      skb.consume();
      dropCovered(sk, ofo, left);
      return false;
    }
  }
  if (left === null) ofo.unshift(skb);
  else ofo.insertAfter(left, skb);
  dropCovered(sk, ofo, skb);
  return true;
}

/** Drops the segments behind `skb` that it covers. */
function dropCovered(sk: TcpSock, ofo: SkbQueue, skb: SkBuff): void {
  const end = skb.cb[END_SEQ];
  for (let next = skb.next; next !== null && after(end, next.cb[SEQ]); next = skb.next) {
    if (before(end, next.cb[END_SEQ])) {
      tcpDsackExtend(sk, next.cb[SEQ], end);
      return;
    }
    tcpDsackExtend(sk, next.cb[SEQ], next.cb[END_SEQ]);
    ofo.remove(next);
    merged(sk, next);
  }
}

function merged(sk: TcpSock, skb: SkBuff): void {
  sk.tcp.mib.ext[TcpExt.TCPOFOMerge]++;
  skb.drop(DropReason.TCP_OFOMERGE);
}

/** A hole was filled: what follows moves to the receive queue. @kernel net/ipv4/tcp_input.c tcp_ofo_queue() */
export function tcpOfoQueue(sk: TcpSock, ofo: SkbQueue): void {
  const arrived = sk.rcv.nxt;
  for (let skb = ofo.first; skb !== null && !after(skb.cb[SEQ], sk.rcv.nxt); skb = ofo.first) {
    const end = skb.cb[END_SEQ];
    if (before(skb.cb[SEQ], arrived)) tcpDsackExtend(sk, skb.cb[SEQ], before(end, arrived) ? end : arrived);
    ofo.remove(skb);
    if (!after(end, sk.rcv.nxt)) {
      skb.drop(DropReason.TCP_OFO_DROP);
      continue;
    }
    const fin = (skb.cb[FLAGS] & th.FIN) !== 0;
    const tail = sk.receiveQueue.last;
    tcpRcvNxtUpdate(sk, end);
    if (tail !== null && tcpTryCoalesce(sk, tail, skb)) skb.consume();
    else sk.receiveQueue.push(skb);
    if (fin) {
      tcpFin(sk);
      return;
    }
  }
}
