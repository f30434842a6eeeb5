import { EINVAL } from '@stack/plugin';
import { SOCK_RCVBUF_LOCK, TCP_CLOSE } from '@stack/sock';
import type { TcpSock } from './sock.ts';

/** @kernel include/net/sock.h SOCK_MIN_RCVBUF, half of it */
const MIN_WINDOW_CLAMP = 1152;

/**
 * How much window `space` bytes of memory bear, with the share of payload seen so far.
 *
 * @kernel include/net/tcp.h tcp_win_from_space()
 */
export function tcpWinFromSpace(sk: TcpSock, space: number): number {
  return Math.floor((space * sk.rcv.scalingRatio) / 256);
}

/** The opposite. @kernel include/net/tcp.h tcp_space_from_win() */
export function tcpSpaceFromWin(sk: TcpSock, win: number): number {
  return Math.floor((win * 256) / sk.rcv.scalingRatio);
}

/** Window that fits into what is free of the receive buffer. @kernel include/net/tcp.h tcp_space() */
export function tcpSpace(sk: TcpSock): number {
  return tcpWinFromSpace(sk, sk.rcvbuf - sk.backlogLen - sk.rmemAlloc);
}

/** Window that fits into the whole receive buffer. @kernel include/net/tcp.h tcp_full_space() */
export function tcpFullSpace(sk: TcpSock): number {
  return tcpWinFromSpace(sk, sk.rcvbuf);
}

/** What is left of the window that the peer was promised. @kernel include/net/tcp.h tcp_receive_window() */
export function tcpReceiveWindow(sk: TcpSock): number {
  const { rcv } = sk;
  const left = (rcv.wup + rcv.wnd - rcv.nxt) | 0;
  return left < 0 ? 0 : left;
}

/** One past the last byte the peer takes. @kernel include/net/tcp.h tcp_wnd_end() */
export function tcpWndEnd(sk: TcpSock): number {
  return (sk.snd.una + sk.snd.wnd) | 0;
}

/** @kernel net/ipv4/tcp_input.c tcp_adjust_rcv_ssthresh() */
export function tcpAdjustRcvSsthresh(sk: TcpSock): void {
  sk.rcv.ssthresh = Math.min(sk.rcv.ssthresh, 4 * sk.rcv.advmss);
}

export function rcvbufLocked(sk: TcpSock): boolean {
  return (sk.userlocks & SOCK_RCVBUF_LOCK) !== 0;
}

/**
 * Bounds the window that is offered, in bytes; 0 lifts the bound of a socket that is closed. 0 or -EINVAL.
 *
 * @kernel net/ipv4/tcp.c tcp_set_window_clamp()
 */
export function tcpSetWindowClamp(sk: TcpSock, value: number): number {
  const { rcv } = sk;
  if (value === 0) {
    if (sk.state !== TCP_CLOSE) return -EINVAL;
    rcv.windowClamp = 0;
    return 0;
  }
  const old = rcv.windowClamp;
  rcv.windowClamp = Math.max(value, MIN_WINDOW_CLAMP);
  if (rcv.windowClamp < old) rcv.ssthresh = Math.min(rcv.ssthresh, rcv.windowClamp);
  else if (rcv.windowClamp > old) rcv.ssthresh = Math.max(rcv.ssthresh, Math.min(rcv.wnd, rcv.windowClamp));
  return 0;
}
