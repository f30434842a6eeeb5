import { MAX_TCP_WINDOW, TCP_MAX_WSCALE } from '../constants.ts';
import type { TcpProtocol } from '../protocol.ts';
import type { TcpSock } from '../sock.ts';
import { rcvbufLocked, tcpFullSpace } from '../win.ts';

/** The window to begin with. One object serves all. */
export interface InitialWindow {
  /** Bytes. */
  wnd: number;
  clamp: number;
  wscale: number;
}

const result: InitialWindow = { wnd: 0, clamp: 0, wscale: 0 };

/**
 * Window and its scale at the start of a connection, for `space` bytes of window that memory bears. `clamp` is what
 * the user set, 0 for nothing; `segments` what the route says, 0 for nothing. Read the result before the next call.
 *
 * @kernel net/ipv4/tcp_output.c tcp_select_initial_window() @rfc 7323 2.3
 */
export function tcpSelectInitialWindow(
  tcp: TcpProtocol,
  space: number,
  mss: number,
  clamp: number,
  scale: boolean,
  segments: number,
): InitialWindow {
  const most = clamp === 0 ? 65_535 * 2 ** TCP_MAX_WSCALE : clamp;
  let room = Math.max(Math.min(most, space), 0);
  if (room > mss) room -= room % mss;
  const limit = tcp.sysctl.tcp_workaround_signed_windows ? MAX_TCP_WINDOW : Infinity;
  result.wnd = Math.min(room, limit, segments === 0 ? Infinity : segments * mss);
  result.wscale = 0;
  if (scale) {
    const largest = Math.min(Math.max(room, tcp.sysctl.tcp_rmem[2], tcp.net.rmemMax), most);
    result.wscale = Math.min(Math.max(Math.floor(Math.log2(largest)) - 15, 0), TCP_MAX_WSCALE);
  }
  result.clamp = Math.min(65_535 * 2 ** result.wscale, most);
  return result;
}

/** A receive buffer that the user set bounds the window, and so its scale. 0: no bound. */
export function clampOfLockedBuffer(sk: TcpSock, clamp: number): number {
  const space = tcpFullSpace(sk);
  return rcvbufLocked(sk) && (clamp > space || clamp === 0) ? space : clamp;
}
