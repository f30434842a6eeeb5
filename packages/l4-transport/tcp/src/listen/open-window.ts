import { TS_OPTION } from '../constants.ts';
import { tcpSelectInitialWindow } from '../connect/initial-window.ts';
import type { TcpSock } from '../sock.ts';
import { tcpFullSpace } from '../win.ts';
import type { TcpRequestSock } from './request-sock.ts';

/** The window that SYN-ACK offers. @kernel net/ipv4/tcp_minisocks.c tcp_openreq_init_rwin() */
export function openWindow(sk: TcpSock, request: TcpRequestSock): void {
  const mss = request.route!.advmss() - (request.tstampOk ? TS_OPTION : 0);
  const { window: most = 0, initrwnd = 0 } = request.route!.metrics;
  const clamp = sk.rcv.windowClamp || most;
  const window = tcpSelectInitialWindow(sk.tcp, tcpFullSpace(sk), mss, clamp, request.wscaleOk, initrwnd);
  request.rcvWnd = window.wnd;
  request.windowClamp = window.clamp;
  request.rcvWscale = window.wscale;
}
