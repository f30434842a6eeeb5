import { ICSK_TIME_RETRANS, TCP_TIMEOUT_INIT } from '../constants.ts';
import type { TcpRequestSock } from '../listen/request-sock.ts';
import { resendSynack } from '../listen/request-timer.ts';
import { TcpExt } from '../mib.ts';
import { tcpEnterLoss } from '../recovery/enter.ts';
import { tcpResetXmitTimer } from '../rto.ts';
import { tcpUpdateRtoStats } from '../stats/rto-stats.ts';
import type { TcpSock } from '../sock.ts';
import { tcpWriteErr } from '../timers/error.ts';

/**
 * SYN-ACK was not acknowledged: it goes out again, and nothing else does until it is.
 *
 * @kernel net/ipv4/tcp_timer.c tcp_fastopen_synack_timer()
 */
export function tcpFastopenSynackTimer(sk: TcpSock, request: TcpRequestSock): void {
  const { tcp, rtt, loss } = sk;
  tcp.mib.ext[TcpExt.TCPTimeouts]++;
  const retries = sk.settings.synRetries || tcp.sysctl.tcp_synack_retries + 1;
  if (request.timeouts >= retries) {
    tcpWriteErr(sk);
    return;
  }
  if (rtt.retransmits === 1) tcpEnterLoss(sk);
  resendSynack(request, sk);
  request.timeouts++;
  tcpUpdateRtoStats(sk);
  if (!loss.retransPending) {
    loss.retransPending = true;
    loss.retransStamp = tcp.ms;
  }
  tcpResetXmitTimer(sk, ICSK_TIME_RETRANS, TCP_TIMEOUT_INIT * 2 ** request.timeouts);
}
