import type { TcpSock } from '../sock.ts';
import { tcpInSlowStart } from '../flight.ts';
import { tcpIsCwndLimited } from '../recovery/cwnd-validate.ts';
import { tcpCongAvoidAi, tcpSlowStart } from './increase.ts';
import type { CongestionOps } from './ops.ts';

/** Half of the window, two segments at least. @kernel net/ipv4/tcp_cong.c tcp_reno_ssthresh() */
export function tcpRenoSsthresh(sk: TcpSock): number {
  return Math.max(sk.cc.cwnd >>> 1, 2);
}

/** @kernel net/ipv4/tcp_cong.c tcp_reno_undo_cwnd() */
export function tcpRenoUndoCwnd(sk: TcpSock): number {
  return Math.max(sk.cc.cwnd, sk.loss.priorCwnd);
}

/** Slow start, then one segment more each round trip. @kernel net/ipv4/tcp_cong.c tcp_reno_cong_avoid() */
export function tcpRenoCongAvoid(sk: TcpSock, _ack: number, acked: number): void {
  if (!tcpIsCwndLimited(sk)) return;
  const left = tcpInSlowStart(sk) ? tcpSlowStart(sk, acked) : acked;
  if (left > 0) tcpCongAvoidAi(sk, sk.cc.cwnd, left);
}

/** Halve on loss, one segment more each round trip. @kernel net/ipv4/tcp_cong.c tcp_reno @rfc 5681 3.1 */
export const reno: CongestionOps = {
  name: 'reno',
  ssthresh: tcpRenoSsthresh,
  undoCwnd: tcpRenoUndoCwnd,
  congAvoid: tcpRenoCongAvoid,
};
