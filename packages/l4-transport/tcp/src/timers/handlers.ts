import { TCP_CLOSE, TCP_LISTEN } from '@stack/sock';
import {
  ICSK_ACK_TIMER,
  ICSK_TIME_LOSS_PROBE,
  ICSK_TIME_NONE,
  ICSK_TIME_PROBE0,
  ICSK_TIME_REO_TIMEOUT,
  TCP_ATO_MIN,
  TCP_DELACK_TIMER_DEFERRED,
  TCP_WRITE_TIMER_DEFERRED,
} from '../constants.ts';
import { inetCskAckScheduled, inPingpongMode } from '../input/quickack.ts';
import { TcpExt } from '../mib.ts';
import { tcpSendProbe0 } from '../output/probe.ts';
import { tcpSendAck } from '../output/send-ack.ts';
import { tcpRtoMax } from '../rto.ts';
import type { TcpSock } from '../sock.ts';
import { delackTimeout, resetDelackTimer } from './arm.ts';
import { tcpOrphanRetries, tcpWriteErr } from './error.ts';
import { tcpRackReoTimeout, tcpSendLossProbe } from './loss-probe.ts';
import { tcpRetransmitTimer } from './retransmit.ts';

/** @kernel net/ipv4/tcp_timer.c tcp_write_timer() */
export function tcpWriteTimer(sk: TcpSock): void {
  if (sk.ownedByUser) sk.deferred |= TCP_WRITE_TIMER_DEFERRED;
  else tcpWriteTimerHandler(sk);
}

/** One timer for four purposes. @kernel net/ipv4/tcp_timer.c tcp_write_timer_handler() */
export function tcpWriteTimerHandler(sk: TcpSock): void {
  if (sk.state === TCP_CLOSE || sk.state === TCP_LISTEN || sk.pendingTimer === ICSK_TIME_NONE) return;
  sk.tcp.refresh();
  const purpose = sk.pendingTimer;
  if (purpose === ICSK_TIME_REO_TIMEOUT) {
    tcpRackReoTimeout(sk);
  } else if (purpose === ICSK_TIME_LOSS_PROBE) {
    tcpSendLossProbe(sk);
  } else {
    sk.pendingTimer = ICSK_TIME_NONE;
    if (purpose === ICSK_TIME_PROBE0) tcpProbeTimer(sk);
    else tcpRetransmitTimer(sk);
  }
}

/** The window is closed and the peer may have opened it unheard. @kernel net/ipv4/tcp_timer.c tcp_probe_timer() @rfc 9293 3.8.6.1 */
function tcpProbeTimer(sk: TcpSock): void {
  const { rtt, tcp } = sk;
  if (sk.snd.packetsOut > 0 || !sk.hasUnsent) {
    sk.probesOut = 0;
    sk.probesTstamp = 0;
    return;
  }
  if (sk.probesTstamp === 0) sk.probesTstamp = tcp.jiffies;
  const tooLong = sk.settings.userTimeout !== 0 && tcp.jiffies - sk.probesTstamp >= sk.settings.userTimeout;
  const retries = sk.dead ? tcpOrphanRetries(sk, rtt.rto * 2 ** rtt.backoff < tcpRtoMax(sk)) : tcp.sysctl.tcp_retries2;
  if (tooLong || sk.probesOut >= retries) tcpWriteErr(sk);
  else tcpSendProbe0(sk);
}

/** @kernel net/ipv4/tcp_timer.c tcp_delack_timer() */
export function tcpDelackTimer(sk: TcpSock): void {
  if (sk.ownedByUser) sk.deferred |= TCP_DELACK_TIMER_DEFERRED;
  else tcpDelackTimerHandler(sk);
}

/** No data came along to carry the ACK. @kernel net/ipv4/tcp_timer.c tcp_delack_timer_handler() */
export function tcpDelackTimerHandler(sk: TcpSock): void {
  const { ack, tcp } = sk;
  if (sk.state === TCP_CLOSE || sk.state === TCP_LISTEN || (ack.pending & ICSK_ACK_TIMER) === 0) return;
  tcp.refresh();
  if (delackTimeout(sk) > tcp.jiffies) {
    resetDelackTimer(sk, delackTimeout(sk));
    return;
  }
  ack.pending &= ~ICSK_ACK_TIMER;
  if (!inetCskAckScheduled(sk)) return;
  if (inPingpongMode(sk)) {
    // It was held back for an answer that did not come.
    ack.pingpong = 0;
    ack.ato = TCP_ATO_MIN;
  } else {
    ack.ato = Math.min(ack.ato << 1, sk.rtt.rto);
  }
  tcpSendAck(sk);
  tcp.mib.ext[TcpExt.DelayedACKs]++;
}

/** @kernel net/ipv4/tcp_timer.c tcp_compressed_ack_kick() */
export function tcpCompressedAckKick(sk: TcpSock): void {
  if (sk.ownedByUser) {
    sk.deferred |= TCP_DELACK_TIMER_DEFERRED;
    return;
  }
  const { disorder } = sk;
  if (disorder === null || disorder.compressed === 0 || sk.state === TCP_CLOSE) return;
  sk.tcp.refresh();
  disorder.compressed--;
  tcpSendAck(sk);
}
