import { EAGAIN, ENOBUFS, EPIPE } from '@stack/plugin';
import { MAX_SKB_FRAGS, tcp as th, type SkBuff } from '@stack/skb';
import {
  lockSock,
  MSG_EOR,
  MSG_FASTOPEN,
  MSG_MORE,
  MSG_OOB,
  MSG_SPLICE_PAGES,
  MSG_ZEROCOPY,
  releaseSock,
  SEND_SHUTDOWN,
  skWmemQueuedAdd,
  skWmemSchedule,
  sockTxStamps,
  TCP_CLOSE_WAIT,
  TCP_ESTABLISHED,
  TCP_SYN_RECV,
  TCP_SYN_SENT,
  type MsgHdr,
  type ZerocopyCalls,
} from '@stack/sock';
import { trace, tracing } from '@stack/trace';
import { END_SEQ, FLAGS, PCOUNT, TX_BITS, TXF_EOR, TXF_PURE_ZEROCOPY } from '../cb.ts';
import { TCP_NAGLE_PUSH } from '../constants.ts';
import { tcpSendmsgFastopen } from '../fastopen/sendmsg.ts';
import { tcpPassiveFastopen } from '../fastopen/state.ts';
import { skWmemFreeSkb } from '../flight.ts';
import { FRAG_PAGE, skPageFragRefill, tcpStreamAllocSkb } from '../output/alloc.ts';
import { tcpSkbCanCollapseTo } from '../output/collapse.ts';
import { tcpCurrentMss, tcpXmitSizeGoal } from '../output/mss.ts';
import { tcpRateCheckAppLimited } from '../recovery/rate.ts';
import { tcpTxTimestamp } from '../stamps/stamps.ts';
import type { TcpSock } from '../sock.ts';
import { leftOfPiece, startOfPiece } from './pieces.ts';
import { tcpStreamMemoryFree } from './poll.ts';
import { isEmpty, pushFull, tcpMarkPush, tcpPush, tcpSkbEntail } from './push.ts';
import { canTakePage, takePage, zerocopyCall } from './zerocopy.ts';

/**
 * Takes bytes of the user's into the write queue, and sends what may go. Returns how many, `-EAGAIN` when the send
 * buffer is full, or another negative errno.
 *
 * @kernel net/ipv4/tcp.c tcp_sendmsg() @rfc 9293 3.10.2
 */
export function tcpSendmsg(
  sk: TcpSock,
  bytes: Uint8Array,
  offset: number,
  length: number,
  flags: number,
  msg: MsgHdr | null,
): number {
  const { boot } = sk.tcp.cpus;
  boot.localBhDisable();
  lockSock(sk);
  const zerocopy = (flags & MSG_ZEROCOPY) !== 0 && length > 0 && sk.settings.zerocopy;
  const calls = zerocopy ? zerocopyCall(sk, length) : null;
  const refused = zerocopy && calls === null;
  const result = refused ? -ENOBUFS : tcpSendmsgLocked(sk, bytes, offset, length, flags, msg, calls);
  if (calls !== null) calls.end(result > 0);
  releaseSock(sk);
  boot.localBhEnable();
  return result;
}

function tcpSendmsgLocked(
  sk: TcpSock,
  bytes: Uint8Array,
  offset: number,
  length: number,
  flags: number,
  msg: MsgHdr | null,
  calls: ZerocopyCalls | null,
): number {
  const opening = (flags & MSG_FASTOPEN) !== 0 || (sk.fastOpen !== null && sk.fastOpen.deferred);
  if (opening) return tcpSendmsgFastopen(sk, bytes, offset, length, msg, calls);
  sk.tcp.refresh();
  tcpRateCheckAppLimited(sk);
  if (sk.state !== TCP_ESTABLISHED && sk.state !== TCP_CLOSE_WAIT && !tcpPassiveFastopen(sk)) return notConnected(sk);
  const stamps = sockTxStamps(sk, msg);
  if (stamps < 0) return stamps;
  if (sk.err !== 0) return sk.takeError();
  if ((sk.shutdown & SEND_SHUTDOWN) !== 0) return -EPIPE;
  const mss = tcpCurrentMss(sk);
  const sizeGoal = (flags & MSG_OOB) === 0 ? tcpXmitSizeGoal(sk, mss) : mss;
  const asPages = calls !== null || (flags & MSG_SPLICE_PAGES) !== 0;
  const pieces = msg === null || !asPages ? null : msg.pieces;
  let copied = 0;
  while (copied < length) {
    const within = pieces === null ? copied : copied - startOfPiece(pieces, copied);
    const apart = pieces !== null && within === 0;
    const skb = bufferWithRoom(sk, sizeGoal, apart, calls);
    if (skb === null) return full(sk, copied, flags, mss, sizeGoal, stamps);
    const left = pieces === null ? length - copied : Math.min(length - copied, leftOfPiece(pieces, copied));
    const most = Math.min(sizeGoal - skb.len, left);
    const taken =
      calls === null
        ? copyIn(sk, skb, bytes, offset + copied, most, apart)
        : takePage(sk, skb, calls, bytes, offset + copied, most, within);
    if (taken === 0) {
      removeEmpty(sk, skb);
      return full(sk, copied, flags, mss, sizeGoal, stamps);
    }
    if (copied === 0) skb.cb[FLAGS] &= ~th.PSH;
    copied += taken;
    if (copied === length) {
      if ((flags & MSG_EOR) !== 0) skb.cb[TX_BITS] |= TXF_EOR;
    } else if (skb.len >= sizeGoal && (flags & MSG_OOB) === 0) {
      pushFull(sk, skb, mss);
    }
  }
  // A splice of nothing is the end of what was announced with MSG_MORE.
  if (copied === 0 && (flags & MSG_SPLICE_PAGES) === 0) return 0;
  if (stamps !== 0) tcpTxTimestamp(sk, stamps);
  tcpPush(sk, flags, mss, sk.snd.nonagle, sizeGoal);
  return copied;
}

function notConnected(sk: TcpSock): number {
  if (sk.state === TCP_SYN_SENT || sk.state === TCP_SYN_RECV) {
    sk.noSpace = true;
    return -EAGAIN;
  }
  return sk.takeError() || -EPIPE;
}

/** The last buffer of the queue if it is not full, or a new one. Null when the budget or memory is used up. */
function bufferWithRoom(sk: TcpSock, sizeGoal: number, apart: boolean, calls: ZerocopyCalls | null): SkBuff | null {
  const last = sk.writeQueue.last;
  if (last !== null && last.len < sizeGoal && tcpSkbCanCollapseTo(last)) {
    if (calls === null ? canTakeFrag(sk, last, apart) : canTakePage(last, calls)) return last;
  }
  if (last !== null && last.len < sizeGoal) tcpMarkPush(sk, last);
  if (!tcpStreamMemoryFree(sk, false)) return null;
  const skb = tcpStreamAllocSkb(sk.tcp);
  if (skb === null) return null;
  tcpSkbEntail(sk, skb);
  return skb;
}

function canTakeFrag(sk: TcpSock, skb: SkBuff, apart: boolean): boolean {
  return skb.shinfo.nrFrags < MAX_SKB_FRAGS || (!apart && continuesLastFrag(sk, skb));
}

/** Whether the page fragment goes on where the buffer's last fragment ends. @kernel include/linux/skbuff.h skb_can_coalesce() */
function continuesLastFrag(sk: TcpSock, skb: SkBuff): boolean {
  const { shinfo } = skb;
  const i = shinfo.nrFrags - 1;
  const { tcp } = sk;
  return i >= 0 && shinfo.fragPage[i] === tcp.fragPage && shinfo.fragOffset[i] + shinfo.fragSize[i] === tcp.fragOffset;
}

/** Copies what fits into one fragment, `apart` from the one before. Returns how many bytes, 0 without memory. */
function copyIn(sk: TcpSock, skb: SkBuff, bytes: Uint8Array, from: number, most: number, apart: boolean): number {
  const { tcp } = sk;
  if (!skPageFragRefill(tcp)) return 0;
  const n = Math.min(most, FRAG_PAGE - tcp.fragOffset);
  if (!skWmemSchedule(sk, n)) return 0;
  const merge = !apart && continuesLastFrag(sk, skb);
  if (!merge && skb.shinfo.nrFrags === MAX_SKB_FRAGS) return 0;
  tcp.arena.u8.set(
    from === 0 && n === bytes.length ? bytes : bytes.subarray(from, from + n),
    tcp.fragPage + tcp.fragOffset,
  );
  if (merge) {
    skb.shinfo.fragSize[skb.shinfo.nrFrags - 1] += n;
    skb.len += n;
    skb.dataLen += n;
    skb.truesize += n;
  } else {
    tcp.arena.hold(tcp.fragPage);
    skb.addFrag(tcp.fragPage, tcp.fragOffset, n, n);
  }
  tcp.fragOffset += n;
  skWmemQueuedAdd(sk, n);
  sk.snd.writeSeq = (sk.snd.writeSeq + n) | 0;
  skb.cb[END_SEQ] += n;
  skb.cb[PCOUNT] = 0;
  skb.cb[TX_BITS] &= ~TXF_PURE_ZEROCOPY;
  if (tracing.on) trace('tcp_sendmsg', skb);
  return n;
}

/** @kernel net/ipv4/tcp.c tcp_remove_empty_skb() */
function removeEmpty(sk: TcpSock, skb: SkBuff): void {
  if (!isEmpty(skb)) return;
  sk.writeQueue.remove(skb);
  skWmemFreeSkb(sk, skb);
}

/** No room: what was taken goes out, and the writer is told when there is room. */
function full(sk: TcpSock, copied: number, flags: number, mss: number, sizeGoal: number, stamps: number): number {
  sk.noSpace = true;
  if (copied === 0) return -EAGAIN;
  tcpPush(sk, flags & ~MSG_MORE, mss, TCP_NAGLE_PUSH, sizeGoal);
  if (stamps !== 0) tcpTxTimestamp(sk, stamps);
  tcpPush(sk, flags, mss, sk.snd.nonagle, sizeGoal);
  return copied;
}
