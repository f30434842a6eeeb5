import { ICSK_TIME_LOSS_PROBE, ICSK_TIME_REO_TIMEOUT } from '../constants.ts';
import { tcpPassiveFastopen } from '../fastopen/state.ts';
import { armRetransmit, tcpRtoDeltaUs } from '../rto.ts';
import type { TcpSock } from '../sock.ts';
import { clearXmitTimer } from '../timers/arm.ts';

/** Starts the retransmission timer anew, or stops it when all is acknowledged. @kernel net/ipv4/tcp_input.c tcp_rearm_rto() @rfc 6298 5 */
export function tcpRearmRto(sk: TcpSock): void {
  if (tcpPassiveFastopen(sk)) return; // the timer is SYN-ACK's
  if (sk.snd.packetsOut === 0) {
    clearXmitTimer(sk);
    return;
  }
  const probing = sk.pendingTimer === ICSK_TIME_REO_TIMEOUT || sk.pendingTimer === ICSK_TIME_LOSS_PROBE;
  // What the other timer took of the time-out counts.
  armRetransmit(sk, probing ? Math.ceil(Math.max(tcpRtoDeltaUs(sk), 1) / 1000) : sk.rtt.rto);
}
