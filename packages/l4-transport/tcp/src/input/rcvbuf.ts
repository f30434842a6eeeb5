import { skbTruesize, type SkBuff } from '@stack/skb';
import { END_SEQ, SEQ } from '../cb.ts';
import { SOCK_SNDBUF_LOCK } from '@stack/sock';
import { TCP_INIT_CWND, TCP_MIN_MSS, TCP_MSS_DEFAULT } from '../constants.ts';
import { before } from '../seq.ts';
import { tcpSndbufExpand } from '../sndbuf.ts';
import type { TcpSock } from '../sock.ts';
import {
  rcvbufLocked,
  tcpAdjustRcvSsthresh,
  tcpFullSpace,
  tcpSpace,
  tcpSpaceFromWin,
  tcpWinFromSpace,
} from '../win.ts';

/** What the peer's segments may be, before the first has come. @kernel net/ipv4/tcp_input.c tcp_initialize_rcv_mss() */
export function tcpInitializeRcvMss({ rcv, snd }: TcpSock): void {
  const hint = Math.min(rcv.advmss, snd.mss, rcv.wnd >>> 1, TCP_MSS_DEFAULT);
  rcv.mss = Math.max(hint, TCP_MIN_MSS);
}

/** How much the window may grow though this packet is mostly overhead. @kernel net/ipv4/tcp_input.c __tcp_grow_window() */
function bloatedGrowth(sk: TcpSock, skb: SkBuff, truesize: number): number {
  let size = tcpWinFromSpace(sk, truesize) >> 1;
  let window = tcpWinFromSpace(sk, sk.tcp.sysctl.tcp_rmem[2]) >> 1;
  while (sk.rcv.ssthresh <= window) {
    if (size <= skb.len) return 2 * sk.rcv.mss;
    size >>= 1;
    window >>= 1;
  }
  return 0;
}

/** @kernel net/ipv4/tcp_input.c truesize_adjust() */
function adjustedTruesize(skb: SkBuff): number {
  if (skb.headlen !== 0) return skb.truesize;
  const size = skb.truesize - skbTruesize(skb.end - skb.head);
  return size < skb.len ? skb.truesize : size;
}

/** Opens the window as data comes, while memory bears it. @kernel net/ipv4/tcp_input.c tcp_grow_window() */
export function tcpGrowWindow(sk: TcpSock, skb: SkBuff, adjust: boolean): void {
  const { rcv } = sk;
  const room = Math.min(rcv.windowClamp, tcpSpace(sk)) - rcv.ssthresh;
  if (room <= 0) return;
  if (sk.memory.underPressure) {
    tcpAdjustRcvSsthresh(sk);
    return;
  }
  const truesize = adjust ? adjustedTruesize(skb) : skb.truesize;
  const growth = tcpWinFromSpace(sk, truesize) <= skb.len ? 2 * rcv.advmss : bloatedGrowth(sk, skb, truesize);
  if (growth === 0) return;
  rcv.ssthresh += Math.min(room, Math.max(growth, 2 * skb.len));
  sk.ack.quick |= 1;
}

/** When the handshake is done: buffers and window for what was negotiated. @kernel net/ipv4/tcp_input.c tcp_init_buffer_space() */
export function tcpInitBufferSpace(sk: TcpSock): void {
  const { rcv, tcp } = sk;
  if ((sk.userlocks & SOCK_SNDBUF_LOCK) === 0) tcpSndbufExpand(sk);
  rcv.spaceUs = tcp.us;
  rcv.spaceSeq = rcv.copiedSeq;
  const most = tcpFullSpace(sk);
  const kept = tcp.sysctl.tcp_app_win;
  if (rcv.windowClamp >= most) {
    rcv.windowClamp = most;
    if (kept > 0 && most > 4 * rcv.advmss) rcv.windowClamp = Math.max(most - (most >> kept), 4 * rcv.advmss);
  }
  if (kept > 0 && rcv.windowClamp > 2 * rcv.advmss && rcv.windowClamp + rcv.advmss > most)
    rcv.windowClamp = Math.max(2 * rcv.advmss, most - rcv.advmss);
  rcv.ssthresh = Math.min(rcv.ssthresh, rcv.windowClamp);
  sk.cc.cwndStamp = tcp.jiffies;
  rcv.spaceSpace = Math.min(rcv.ssthresh, rcv.wnd, TCP_INIT_CWND * rcv.advmss);
}

/** The sender overran the buffer: give it what it uses, and close the window. @kernel net/ipv4/tcp_input.c tcp_clamp_window() */
export function tcpClampWindow(sk: TcpSock): void {
  const { rcv } = sk;
  const most = sk.tcp.sysctl.tcp_rmem[2];
  sk.ack.quick = 0;
  if (sk.rcvbuf < most && !rcvbufLocked(sk) && !sk.memory.underPressure) sk.rcvbuf = Math.min(sk.rmemAlloc, most);
  if (sk.rmemAlloc > sk.rcvbuf) rcv.ssthresh = Math.min(rcv.windowClamp, 2 * rcv.advmss);
}

/** @kernel net/ipv4/tcp_input.c tcp_rcv_rtt_update() Kept eightfold. */
function tcpRcvRttUpdate(sk: TcpSock, sample: number, byWindow: boolean): void {
  const { rcvRtt } = sk;
  const m = sample || 1;
  if (rcvRtt.us === 0) rcvRtt.us = m << 3;
  else if (!byWindow) rcvRtt.us += m - (rcvRtt.us >> 3);
  else if (m << 3 < rcvRtt.us) rcvRtt.us = m << 3; // a window may also take long for want of data
}

/** A window of data takes a round trip to come. @kernel net/ipv4/tcp_input.c tcp_rcv_rtt_measure() */
export function tcpRcvRttMeasure(sk: TcpSock): void {
  const { rcv, rcvRtt, tcp } = sk;
  if (rcvRtt.seq !== 0) {
    if (before(rcv.nxt, rcvRtt.seq)) return;
    tcpRcvRttUpdate(sk, Math.max((tcp.us - rcvRtt.timeUs) | 0, 1), true);
  }
  rcvRtt.seq = (rcv.nxt + rcv.wnd) | 0 || 1;
  rcvRtt.timeUs = tcp.us;
}

/** The peer echoes the time stamp of our ACK that made it send. @kernel net/ipv4/tcp_input.c tcp_rcv_rtt_measure_ts() */
export function tcpRcvRttMeasureTs(sk: TcpSock, skb: SkBuff): void {
  const { rcv, rcvRtt, tcp } = sk;
  const { ecr } = tcp.heard;
  if (ecr === rcvRtt.lastTsecr) return;
  rcvRtt.lastTsecr = ecr;
  if (((skb.cb[END_SEQ] - skb.cb[SEQ]) | 0) < rcv.mss) return;
  const delta = (tcp.ms - ecr) | 0;
  if (delta >= 0 && delta < 2_000_000) tcpRcvRttUpdate(sk, delta * 1000, false);
}

/**
 * The user took bytes: once in a round trip, the buffer follows what the user takes in one, so that the window is
 * never what limits the sender.
 *
 * @kernel net/ipv4/tcp_input.c tcp_rcv_space_adjust()
 */
export function tcpRcvSpaceAdjust(sk: TcpSock): void {
  const { rcv, rcvRtt, tcp } = sk;
  const time = (tcp.us - rcv.spaceUs) | 0;
  if (rcvRtt.us === 0 || time < rcvRtt.us >> 3) return;
  const waiting = (rcv.nxt - rcv.copiedSeq) | 0; // who leaves data where they are needs no more room
  const copied = ((rcv.copiedSeq - rcv.spaceSeq) | 0) - waiting;
  if (copied > rcv.spaceSpace) tcpRcvbufGrow(sk, copied);
  rcv.spaceSeq = rcv.copiedSeq;
  rcv.spaceUs = tcp.us;
}

/**
 * Makes room for a window of `copied` bytes a round trip, and for a hole.
 *
 * @kernel net/ipv4/tcp_input.c tcp_rcvbuf_grow()
 */
export function tcpRcvbufGrow(sk: TcpSock, copied: number): void {
  const { rcv } = sk;
  const was = rcv.spaceSpace;
  rcv.spaceSpace = copied;
  if (!sk.tcp.sysctl.tcp_moderate_rcvbuf || rcvbufLocked(sk)) return;
  // The measure is a round trip late, and the sender may double in one.
  let window = 2 * copied;
  window += 2 * Math.floor((window * (copied - was)) / Math.max(was, 1));
  if (sk.hasHoles) window += (sk.disorder!.ofo.last!.cb[END_SEQ] - rcv.nxt) | 0;
  const rcvbuf = Math.min(tcpSpaceFromWin(sk, window), sk.tcp.sysctl.tcp_rmem[2]);
  if (rcvbuf <= sk.rcvbuf) return;
  sk.rcvbuf = rcvbuf;
  rcv.windowClamp = tcpWinFromSpace(sk, rcvbuf);
}
