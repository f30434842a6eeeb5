import { TCP_MAX_WSCALE, MAX_TCP_WINDOW, TCP_MIN_MSS, TCP_MSS_DEFAULT } from './constants.ts';
import type { TcpProtocol } from './protocol.ts';
import type { TcpSock } from './sock.ts';

/** What a connection begins with. */
export interface InitialWindow {
  rcvWnd: number;
  windowClamp: number;
  rcvWscale: number;
}

/**
 * The first window to advertise, and the scale for the largest one: from the `space` of the receive buffer.
 *
 * @kernel net/ipv4/tcp_output.c tcp_select_initial_window() @rfc 7323 2
 */
export function tcpSelectInitialWindow(
  tcp: TcpProtocol,
  space: number,
  mss: number,
  windowClamp: number,
  wscaleOk: boolean,
): InitialWindow {
  const clamp = windowClamp === 0 ? 65_535 << TCP_MAX_WSCALE : windowClamp;
  let room = Math.min(clamp, Math.max(space, 0));
  if (room > mss) room -= room % mss;
  const signed = tcp.sysctl.tcp_workaround_signed_windows;
  const rcvWnd = Math.min(room, signed ? MAX_TCP_WINDOW : 65_535);
  let rcvWscale = 0;
  if (wscaleOk) {
    const largest = Math.min(Math.max(room, tcp.sysctl.tcp_rmem[2], tcp.net.rmemMax), clamp);
    rcvWscale = Math.min(Math.max(31 - Math.clz32(largest) - 15, 0), TCP_MAX_WSCALE);
  }
  return { rcvWnd, rcvWscale, windowClamp: Math.min(65_535 << rcvWscale, clamp) };
}

/** A first guess of the peer's segment size, on the careful side. @kernel net/ipv4/tcp_input.c tcp_initialize_rcv_mss() */
export function tcpInitializeRcvMss(sk: TcpSock): void {
  const { rcv } = sk;
  const hint = Math.min(rcv.advmss, sk.snd.mss, rcv.wnd >> 1, TCP_MSS_DEFAULT);
  rcv.mss = Math.max(hint, TCP_MIN_MSS);
}

/** The user's MSS, if it is smaller. @kernel include/net/tcp.h tcp_mss_clamp() */
export function tcpMssClamp(sk: TcpSock, mss: number): number {
  const { userMss } = sk.opt;
  return userMss !== 0 && userMss < mss ? userMss : mss;
}
