import { EAGAIN, ENOTCONN } from '@stack/plugin';
import { skbCopyToBytes, tcp as th, type SkBuff } from '@stack/skb';
import {
  inetRecvError,
  lockSock,
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  RCV_SHUTDOWN,
  releaseSock,
  TCP_CLOSE,
  TCP_LISTEN,
  type MsgHdr,
  skPeekOffsetFwd,
  sockWantsStamp,
} from '@stack/sock';
import { trace, tracing } from '@stack/trace';
import { FLAGS, SEQ } from '../cb.ts';
import { ICSK_ACK_PUSHED, ICSK_ACK_PUSHED2 } from '../constants.ts';
import { inetCskAckScheduled, inPingpongMode } from '../input/quickack.ts';
import { tcpRcvSpaceAdjust } from '../input/rcvbuf.ts';
import { __tcpSelectWindow } from '../output/select-window.ts';
import { tcpSendAck } from '../output/send-ack.ts';
import type { TcpSock } from '../sock.ts';
import { tcpRecvUrg, urgentPassed } from '../urgent/recvmsg.ts';
import { tcpReceiveWindow } from '../win.ts';

/**
 * Gives the user bytes that came in order. Returns how many, 0 at the end of the stream, `-EAGAIN` when none are
 * there, or another negative errno. MSG_PEEK leaves them; MSG_TRUNC throws them away without copying.
 *
 * @kernel net/ipv4/tcp.c tcp_recvmsg() @rfc 9293 3.10.3
 */
export function tcpRecvmsg(
  sk: TcpSock,
  into: Uint8Array,
  offset: number,
  length: number,
  flags: number,
  msg: MsgHdr | null,
): number {
  if ((flags & MSG_ERRQUEUE) !== 0) return inetRecvError(sk, into, offset, length, msg);
  const { boot } = sk.tcp.cpus;
  boot.localBhDisable();
  lockSock(sk);
  let result: number;
  if (sk.state === TCP_LISTEN) result = -ENOTCONN;
  else if ((flags & MSG_OOB) !== 0) result = tcpRecvUrg(sk, into, offset, length, flags, msg);
  else result = tcpRecvmsgLocked(sk, into, offset, length, flags, msg);
  releaseSock(sk);
  if (msg !== null) msg.inq = sk.settings.recvInq && result >= 0 ? tcpInqHint(sk) : -1;
  boot.localBhEnable();
  return result;
}

function tcpRecvmsgLocked(
  sk: TcpSock,
  into: Uint8Array,
  offset: number,
  length: number,
  flags: number,
  msg: MsgHdr | null,
): number {
  const { rcv, urgent } = sk;
  const peek = (flags & MSG_PEEK) !== 0;
  const { peekOff } = sk.settings;
  let seq = peek && peekOff > 0 ? (rcv.copiedSeq + peekOff) | 0 : rcv.copiedSeq;
  let copied = 0;
  let skb = sk.hasReceived ? sk.receiveQueue.first : null;
  if (length === 0 && skb !== null && msg !== null) tellStamp(sk, skb, msg);
  while (skb !== null && copied < length) {
    let at = (seq - skb.cb[SEQ]) | 0;
    const next: SkBuff | null = skb.next;
    if (peek && at >= skb.len && (skb.cb[FLAGS] & th.FIN) === 0) {
      skb = next; // a peek that begins further behind
      continue;
    }
    let most = length - copied;
    if (urgent !== null && urgent.data !== 0) {
      const before = (urgent.seq - seq) | 0;
      if (before > 0 && before < most) most = before;
      if (before === 0 && copied > 0) break; // nobody shall read across it unawares
      if (before === 0 && !sk.settings.oobInline && at < skb.len) {
        at++;
        seq = (seq + 1) | 0;
      }
    }
    const used = Math.min(skb.len - at, most);
    if (used > 0) {
      if (tracing.on) trace('tcp_recvmsg', skb);
      if ((flags & MSG_TRUNC) === 0) skbCopyToBytes(skb, at, into, offset + copied, used);
      seq = (seq + used) | 0;
      copied += used;
      if (msg !== null) tellStamp(sk, skb, msg);
    }
    if (at + used < skb.len) break;
    const fin = (skb.cb[FLAGS] & th.FIN) !== 0;
    if (fin) seq = (seq + 1) | 0;
    if (!peek) {
      rcv.copiedSeq = seq;
      sk.receiveQueue.remove(skb);
      skb.consume();
    }
    if (fin) break;
    skb = next;
  }
  if (copied > 0) skPeekOffsetFwd(sk, peek ? copied : -copied);
  if (!peek) {
    rcv.copiedSeq = seq;
    if (urgent !== null) urgentPassed(sk, urgent);
    if (copied > 0) tcpRcvSpaceAdjust(sk);
    tcpCleanupRbuf(sk, copied);
  }
  return copied > 0 || (length === 0 && rcv.nxt !== rcv.copiedSeq) ? copied : nothing(sk);
}

/** When the last of the bytes came. @kernel net/ipv4/tcp.c tcp_update_recv_tstamps() */
function tellStamp(sk: TcpSock, { tstamp }: SkBuff, msg: MsgHdr): void {
  if (tstamp !== 0 && sockWantsStamp(sk)) msg.stamp = tstamp;
}

/** What is left to read; 1 when it is only the end. @kernel net/ipv4/tcp.c tcp_inq_hint() */
function tcpInqHint(sk: TcpSock): number {
  const left = (sk.rcv.nxt - sk.rcv.copiedSeq) | 0;
  return left === 0 && sk.done ? 1 : Math.max(left, 0);
}

function nothing(sk: TcpSock): number {
  if (sk.done) return 0;
  if (sk.err !== 0) return sk.takeError();
  if ((sk.shutdown & RCV_SHUTDOWN) !== 0) return 0;
  return sk.state === TCP_CLOSE ? -ENOTCONN : -EAGAIN;
}

/** The user has made room: the peer is told if it gains much by it. @kernel net/ipv4/tcp.c __tcp_cleanup_rbuf() */
export function tcpCleanupRbuf(sk: TcpSock, copied: number): void {
  const { rcv } = sk;
  let due = inetCskAckScheduled(sk) && ackIsDue(sk, copied);
  if (copied > 0 && !due && (sk.shutdown & RCV_SHUTDOWN) === 0) {
    const left = tcpReceiveWindow(sk);
    if (2 * left <= rcv.windowClamp) {
      const window = __tcpSelectWindow(sk);
      due = window !== 0 && window >= 2 * left;
    }
  }
  if (!due) return;
  sk.tcp.refresh();
  tcpSendAck(sk);
}

/** An ACK was delayed for the application's answer; now that it reads, is it time? */
function ackIsDue(sk: TcpSock, copied: number): boolean {
  const { rcv, ack } = sk;
  if (((rcv.nxt - rcv.wup) | 0) > rcv.mss) return true;
  if (copied === 0 || sk.rmemAlloc !== 0) return false;
  if ((ack.pending & ICSK_ACK_PUSHED2) !== 0) return true;
  return (ack.pending & ICSK_ACK_PUSHED) !== 0 && !inPingpongMode(sk);
}
