import { TS_OPTION } from '../constants.ts';
import { clampOfLockedBuffer, tcpSelectInitialWindow } from '../connect/initial-window.ts';
import type { TcpSock } from '../sock.ts';
import { tcpFullSpace } from '../win.ts';
import type { TcpRequestSock } from './request-sock.ts';

/** The window that SYN-ACK offers. @kernel net/ipv4/tcp_minisocks.c tcp_openreq_init_rwin() */
export function openWindow(sk: TcpSock, request: TcpRequestSock): void {
  const route = request.route!;
  const mss = Math.min(sk.settings.userMss || Infinity, route.advmss());
  const { window: most = 0, initrwnd = 0 } = route.metrics;
  const clamp = clampOfLockedBuffer(sk, sk.rcv.windowClamp || most);
  const space = Math.max(tcpFullSpace(sk), initrwnd * mss);
  const payload = mss - (request.tstampOk ? TS_OPTION : 0);
  const window = tcpSelectInitialWindow(sk.tcp, space, payload, clamp, request.wscaleOk, initrwnd);
  request.rcvWnd = window.wnd;
  request.windowClamp = window.clamp;
  request.rcvWscale = window.wscale;
}
