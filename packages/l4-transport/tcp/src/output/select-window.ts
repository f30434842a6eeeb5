import { ICSK_ACK_NOMEM, MAX_TCP_WINDOW } from '../constants.ts';
import { TcpExt } from '../mib.ts';
import type { TcpSock } from '../sock.ts';
import { tcpAdjustRcvSsthresh, tcpFullSpace, tcpReceiveWindow, tcpSpace } from '../win.ts';

function roundUp(value: number, shift: number): number {
  const unit = 1 << shift;
  return Math.ceil(value / unit) * unit;
}

/**
 * The window to advertise, in bytes: what memory bears, but none rather than a silly one.
 *
 * @kernel net/ipv4/tcp_output.c __tcp_select_window() @rfc 9293 3.8.6.2.2
 */
export function __tcpSelectWindow(sk: TcpSock): number {
  const { rcv } = sk;
  let free = tcpSpace(sk);
  const allowed = free;
  const full = Math.min(rcv.windowClamp, tcpFullSpace(sk));
  const mss = Math.min(rcv.mss, full);
  if (mss <= 0) return 0;
  if (mayShrink(sk)) return shrunk(sk, free, full, mss);
  if (free < full >> 1) {
    sk.ack.quick = 0;
    if (sk.memory.underPressure) tcpAdjustRcvSsthresh(sk);
    free = (free >> rcv.wscale) << rcv.wscale;
    if (free < allowed >> 4 || free < mss) return 0;
  }
  if (free > rcv.ssthresh) free = rcv.ssthresh;
  if (rcv.wscale > 0) return roundUp(free, rcv.wscale);
  // Without scaling, move in whole segments, and not at all for less.
  const now = rcv.wnd;
  if (now <= free - mss || now > free) return free - (free % mss);
  if (mss === full && free > now + (full >> 1)) return free;
  return now;
}

/** @kernel net/ipv4/sysctl_net_ipv4.c tcp_shrink_window */
function mayShrink(sk: TcpSock): boolean {
  return sk.rcv.wscale > 0 && sk.tcp.sysctl.tcp_shrink_window;
}

/** Never more than memory bears, whatever was promised. */
function shrunk(sk: TcpSock, allowed: number, full: number, mss: number): number {
  const { rcv } = sk;
  const free = (allowed >> rcv.wscale) << rcv.wscale;
  if (free < full >> 1) {
    sk.ack.quick = 0;
    if (sk.memory.underPressure) tcpAdjustRcvSsthresh(sk);
    if (free < allowed >> 4 || free < mss || free < 1 << rcv.wscale) return 0;
  }
  return free > rcv.ssthresh ? roundUp(rcv.ssthresh, rcv.wscale) : free;
}

/**
 * The window field of the segment being built. What was promised is not taken back.
 *
 * @kernel net/ipv4/tcp_output.c tcp_select_window() @rfc 7323 2.3
 */
export function tcpSelectWindow(sk: TcpSock): number {
  const { rcv } = sk;
  const { ext } = sk.tcp.mib;
  const old = rcv.wnd;
  if ((sk.ack.pending & ICSK_ACK_NOMEM) !== 0) {
    sk.predFlags = 0;
    rcv.wnd = 0;
    rcv.wup = rcv.nxt;
    return 0;
  }
  const current = tcpReceiveWindow(sk);
  let wnd = __tcpSelectWindow(sk);
  if (wnd < current && !mayShrink(sk)) {
    if (wnd === 0) ext[TcpExt.TCPWantZeroWindowAdv]++;
    wnd = roundUp(current, rcv.wscale);
  }
  rcv.wnd = wnd;
  rcv.wup = rcv.nxt;
  const signed = rcv.wscale === 0 && sk.tcp.sysctl.tcp_workaround_signed_windows;
  const field = Math.min(wnd, signed ? MAX_TCP_WINDOW : 65_535 << rcv.wscale) >>> rcv.wscale;
  if (field === 0) {
    sk.predFlags = 0;
    if (old !== 0) ext[TcpExt.TCPToZeroWindowAdv]++;
  } else if (old === 0) {
    ext[TcpExt.TCPFromZeroWindowAdv]++;
  }
  return field;
}
