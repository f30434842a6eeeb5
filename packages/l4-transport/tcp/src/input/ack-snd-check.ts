import { Hrtimer } from '@stack/softirq';
import {
  ICSK_ACK_NOW,
  ICSK_ACK_PUSHED,
  ICSK_ACK_TIMER,
  TCP_DELACK_MAX,
  TCP_DELACK_MIN,
  TCP_FASTRETRANS_THRESH,
} from '../constants.ts';
import { tcpIsReno } from '../flight.ts';
import { __tcpSelectWindow } from '../output/select-window.ts';
import { tcpSendAck } from '../output/send-ack.ts';
import { tcpDelackMax } from '../rto.ts';
import type { TcpSock } from '../sock.ts';
import { delackTimeout, resetDelackTimer } from '../timers/arm.ts';
import { disorderOf } from './sack-blocks.ts';
import { inetCskAckScheduled, inPingpongMode, tcpInQuickackMode } from './quickack.ts';

/**
 * An ACK may wait for data to ride with, or for a second segment: 40 ms, up to 200 when the application converses.
 *
 * @kernel net/ipv4/tcp_output.c tcp_send_delayed_ack() @rfc 1122 4.2.3.2
 */
export function tcpSendDelayedAck(sk: TcpSock): void {
  const { ack, rtt } = sk;
  const now = sk.tcp.jiffies;
  let { ato } = ack;
  if (ato > TCP_DELACK_MIN) {
    let most = inPingpongMode(sk) || (ack.pending & ICSK_ACK_PUSHED) !== 0 ? TCP_DELACK_MAX : 500;
    // Waiting longer than a round trip would look like a loss.
    if (rtt.srtt !== 0) most = Math.min(most, Math.max(Math.ceil((rtt.srtt >>> 3) / 1000), TCP_DELACK_MIN));
    ato = Math.min(ato, most);
  }
  let timeout = now + Math.min(ato, tcpDelackMax(sk));
  if ((ack.pending & ICSK_ACK_TIMER) !== 0) {
    if (delackTimeout(sk) <= now + (ato >> 2)) {
      tcpSendAck(sk);
      return;
    }
    timeout = Math.min(timeout, delackTimeout(sk));
  }
  resetDelackTimer(sk, timeout);
}

/** Whether two segments are unacknowledged, and the window has moved on or more is wanted. */
function ackIsDue(sk: TcpSock): boolean {
  const { rcv } = sk;
  if (((rcv.nxt - rcv.wup) | 0) > rcv.mss) {
    if (((rcv.nxt - rcv.copiedSeq) | 0) < sk.settings.rcvlowat || __tcpSelectWindow(sk) >= rcv.wnd) return true;
  }
  return tcpInQuickackMode(sk) || (sk.ack.pending & ICSK_ACK_NOW) !== 0;
}

/** Sends the ACK that is owed, now or later. @kernel net/ipv4/tcp_input.c __tcp_ack_snd_check() @rfc 5681 4.2 */
export function __tcpAckSndCheck(sk: TcpSock, ofoPossible: boolean): void {
  if (ackIsDue(sk)) tcpSendAck(sk);
  else if (!ofoPossible || !sk.hasHoles) tcpSendDelayedAck(sk);
  else compressSack(sk);
}

/** @kernel net/ipv4/tcp_input.c tcp_ack_snd_check() */
export function tcpAckSndCheck(sk: TcpSock): void {
  if (inetCskAckScheduled(sk)) __tcpAckSndCheck(sk, true);
}

/** After the first few duplicate ACKs, those that only add to the SACK blocks go out together. */
function compressSack(sk: TcpSock): void {
  const { rcv, tcp } = sk;
  const { sysctl } = tcp;
  const disorder = disorderOf(sk);
  if (tcpIsReno(sk) || disorder.compressed >= sysctl.tcp_comp_sack_nr) {
    tcpSendAck(sk);
    return;
  }
  if (disorder.compressedRcvNxt !== rcv.nxt) {
    disorder.compressedRcvNxt = rcv.nxt;
    disorder.dupCounter = 0;
  }
  if (disorder.dupCounter < TCP_FASTRETRANS_THRESH) {
    disorder.dupCounter++;
    tcpSendAck(sk);
    return;
  }
  disorder.compressed++;
  const timer = (disorder.compTimer ??= new Hrtimer(tcp.cpus.boot, () => tcp.handlers.compressedAckTimer(sk)));
  if (timer.armed) return;
  const rttUs = Math.min(sk.rcvRtt.us || 0x7fffffff, sk.rtt.srtt === 0 ? 0x7fffffff : sk.rtt.srtt) >>> 3;
  const share = (rttUs * 1000 * sysctl.tcp_comp_sack_rtt_percent) / 100;
  timer.start(tcp.clock.now() + Math.floor(Math.min(sysctl.tcp_comp_sack_delay_ns, share)));
}
