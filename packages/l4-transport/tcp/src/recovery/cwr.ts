import { TCP_CA_CWR, TCP_INFINITE_SSTHRESH } from '../constants.ts';
import { CA_EVENT_COMPLETE_CWR } from '../congestion/ops.ts';
import { tcpEcnQueueCwr } from '../ecn/send.ts';
import { tcpPacketsInFlight } from '../flight.ts';
import type { TcpSock } from '../sock.ts';

/** Enters a congestion state, TCP_CA_*. @kernel include/net/tcp.h tcp_set_ca_state() */
export function tcpSetCaState(sk: TcpSock, state: number): void {
  sk.cc.ops.setState?.(sk, state);
  sk.cc.state = state;
}

/** Begins a reduction of the window to what the algorithm thinks right. @kernel net/ipv4/tcp_input.c tcp_init_cwnd_reduction() */
export function tcpInitCwndReduction(sk: TcpSock): void {
  const { cc, loss } = sk;
  loss.highSeq = sk.snd.nxt;
  loss.tlpHighSeq = 0;
  cc.cwndCnt = 0;
  loss.priorCwnd = cc.cwnd;
  loss.prrDelivered = 0;
  loss.prrOut = 0;
  cc.ssthresh = cc.ops.ssthresh(sk);
  tcpEcnQueueCwr(sk);
}

/**
 * Proportional rate reduction: sends in proportion to what arrives, so that the window reaches the threshold when
 * the recovery ends. `losses` of this ACK make it careful.
 *
 * @kernel net/ipv4/tcp_input.c tcp_cwnd_reduction() @rfc 6937 3
 */
export function tcpCwndReduction(sk: TcpSock, acked: number, losses: number, undoAdvanced: boolean): void {
  const { cc, loss } = sk;
  if (acked <= 0 || loss.priorCwnd === 0) return;
  const delta = cc.ssthresh - tcpPacketsInFlight(sk);
  loss.prrDelivered += acked;
  let send: number;
  if (delta < 0) {
    send = Math.floor((cc.ssthresh * loss.prrDelivered + loss.priorCwnd - 1) / loss.priorCwnd) - loss.prrOut;
  } else {
    send = Math.max(loss.prrDelivered - loss.prrOut, acked);
    if (undoAdvanced && losses === 0) send++;
    send = Math.min(delta, send);
  }
  send = Math.max(send, loss.prrOut === 0 ? 1 : 0); // the first is a fast retransmission, whatever the sums say
  cc.cwnd = tcpPacketsInFlight(sk) + send;
}

/** @kernel net/ipv4/tcp_input.c tcp_end_cwnd_reduction() */
export function tcpEndCwndReduction(sk: TcpSock): void {
  const { cc, loss } = sk;
  if (cc.ops.congControl !== undefined) return;
  if (cc.ssthresh < TCP_INFINITE_SSTHRESH && (cc.state === TCP_CA_CWR || loss.undoMarker !== 0)) {
    cc.cwnd = cc.ssthresh;
    cc.cwndStamp = sk.tcp.jiffies;
  }
  cc.ops.cwndEvent?.(sk, CA_EVENT_COMPLETE_CWR);
}

/** Reduces the window without a loss: our own queue overflowed. @kernel net/ipv4/tcp_input.c tcp_enter_cwr() */
export function tcpEnterCwr(sk: TcpSock): void {
  const { cc, loss } = sk;
  loss.priorSsthresh = 0;
  if (cc.state >= TCP_CA_CWR) return;
  loss.undoMarker = 0;
  tcpInitCwndReduction(sk);
  tcpSetCaState(sk, TCP_CA_CWR);
}
