import { tcp as th, type SkBuff } from '@stack/skb';
import { MSG_MORE, MSG_OOB, skWmemQueuedAdd } from '@stack/sock';
import { END_SEQ, FLAGS, SEQ } from '../cb.ts';
import { TCP_NAGLE_CORK, TCP_NAGLE_PUSH, TSQ_THROTTLED } from '../constants.ts';
import { TcpExt } from '../mib.ts';
import { tcpInitNondataSkb } from '../output/alloc.ts';
import { tcpSkbCanCollapseTo } from '../output/collapse.ts';
import { __tcpPushPendingFrames, tcpPushOne } from '../output/push.ts';
import { tcpSlowStartAfterIdleCheck } from '../recovery/cwnd-validate.ts';
import { CHRONO_BUSY, tcpChronoStart } from '../stats/chrono.ts';
import { after } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { tcpMarkUrg } from '../urgent/send.ts';

/** An empty buffer goes to the end of the write queue, to be filled. @kernel net/ipv4/tcp.c tcp_skb_entail() */
export function tcpSkbEntail(sk: TcpSock, skb: SkBuff): void {
  tcpInitNondataSkb(skb, sk.snd.writeSeq, th.ACK, 0);
  tcpSlowStartAfterIdleCheck(sk);
  sk.writeQueue.push(skb);
  tcpChronoStart(sk, CHRONO_BUSY);
  skWmemQueuedAdd(sk, skb.truesize);
  if ((sk.snd.nonagle & TCP_NAGLE_PUSH) !== 0) sk.snd.nonagle &= ~TCP_NAGLE_PUSH;
}

/** @kernel net/ipv4/tcp.c tcp_mark_push() */
export function tcpMarkPush(sk: TcpSock, skb: SkBuff): void {
  skb.cb[FLAGS] |= th.PSH;
  sk.snd.pushedSeq = sk.snd.writeSeq;
}

/** A PSH at least every half window, so that the receiver does not wait. @kernel net/ipv4/tcp.c forced_push() */
export function forcedPush(sk: TcpSock): boolean {
  return after(sk.snd.writeSeq, (sk.snd.pushedSeq + (sk.snd.maxWnd >>> 1)) | 0);
}

/** A full buffer goes out while the call still copies. */
export function pushFull(sk: TcpSock, skb: SkBuff, mss: number): void {
  if (forcedPush(sk)) {
    tcpMarkPush(sk, skb);
    __tcpPushPendingFrames(sk, mss, TCP_NAGLE_PUSH);
  } else if (skb === sk.writeQueue.first) {
    tcpPushOne(sk, mss);
  }
}

/** Small writes while a packet waits in the host: gather them. @kernel net/ipv4/tcp.c tcp_should_autocork() */
function tcpShouldAutocork(sk: TcpSock, skb: SkBuff, sizeGoal: number): boolean {
  return (
    skb.len < sizeGoal &&
    sk.tcp.sysctl.tcp_autocorking &&
    !sk.rtxQueue.empty &&
    sk.wmemAlloc > skb.truesize &&
    tcpSkbCanCollapseTo(skb)
  );
}

/** The call has copied what it could: sends what may go. @kernel net/ipv4/tcp.c tcp_push() */
export function tcpPush(sk: TcpSock, flags: number, mss: number, nonagle: number, sizeGoal: number): void {
  const skb = sk.writeQueue.last;
  if (skb === null) return;
  if ((flags & MSG_MORE) === 0 || forcedPush(sk)) tcpMarkPush(sk, skb);
  if ((flags & MSG_OOB) !== 0) tcpMarkUrg(sk);
  if (tcpShouldAutocork(sk, skb, sizeGoal)) {
    if ((sk.deferred & TSQ_THROTTLED) === 0) {
      sk.tcp.mib.ext[TcpExt.TCPAutoCorking]++;
      sk.deferred |= TSQ_THROTTLED;
    }
    // A transmission may have completed since: then nothing would restart the socket.
    if (sk.wmemAlloc > skb.truesize) return;
  }
  __tcpPushPendingFrames(sk, mss, (flags & MSG_MORE) !== 0 ? TCP_NAGLE_CORK : nonagle);
}

/** Whether it has got no byte. */
export function isEmpty(skb: SkBuff): boolean {
  return skb.cb[END_SEQ] === skb.cb[SEQ];
}
