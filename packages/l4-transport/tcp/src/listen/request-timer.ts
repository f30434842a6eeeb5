import { TCP_TIMEOUT_INIT } from '../constants.ts';
import { tcpRtoMax } from '../rto.ts';
import { Tcp, TcpExt } from '../mib.ts';
import { hasExpired, shouldResend } from './defer-accept.ts';
import { dropRequest } from './request-queue.ts';
import type { TcpRequestSock } from './request-sock.ts';
import type { TcpSock } from '../sock.ts';
import { tcpV4SendSynack } from './synack.ts';

/** Waits for the last ACK of the handshake. */
export function armRequest(request: TcpRequestSock): void {
  const { tcp } = request.listener;
  const timeout = Math.min(TCP_TIMEOUT_INIT * 2 ** request.timeouts, tcpRtoMax(request.listener));
  request.mod(tcp.jiffies + timeout);
}

/** It did not come: SYN-ACK goes out again, or the request is given up. @kernel net/ipv4/inet_connection_sock.c reqsk_timer_handler() */
export function reqskTimerHandler(request: TcpRequestSock): void {
  const { tcp } = request.listener;
  tcp.refresh();
  const retries = request.listener.settings.synRetries || tcp.sysctl.tcp_synack_retries;
  tcp.mib.ext[TcpExt.TCPTimeouts]++;
  if (hasExpired(request, retries)) {
    dropRequest(request);
    tcp.mib.tcp[Tcp.AttemptFails]++;
    return;
  }
  if (shouldResend(request)) resendSynack(request, null);
  if (request.timeouts++ === 0) request.listener.requests!.young--;
  armRequest(request);
}

/** SYN-ACK again; `early` is the connection that Fast Open made of the request. @kernel net/ipv4/tcp_output.c tcp_rtx_synack() */
export function resendSynack(request: TcpRequestSock, early: TcpSock | null): void {
  const { tcp } = request.listener;
  if (!tcpV4SendSynack(tcp, request, null)) return;
  request.retransmits++;
  tcp.mib.tcp[Tcp.RetransSegs]++;
  tcp.mib.ext[TcpExt.TCPSynRetrans]++;
  if (early !== null) early.cc.totalRetrans++;
}
