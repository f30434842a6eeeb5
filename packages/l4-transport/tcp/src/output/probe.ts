import { tcp as th } from '@stack/skb';
import { TCP_CLOSE } from '@stack/sock';
import { END_SEQ, FLAGS, PCOUNT, SEQ } from '../cb.ts';
import { ICSK_TIME_PROBE0, TCP_RESOURCE_PROBE_INTERVAL } from '../constants.ts';
import { TcpExt } from '../mib.ts';
import { tcpProbe0When, tcpResetXmitTimer, tcpRtoMax } from '../rto.ts';
import { before } from '../seq.ts';
import { tcpUrgMode } from '../urgent/state.ts';
import type { TcpSock } from '../sock.ts';
import { tcpWndEnd } from '../win.ts';
import { tcpInitNondataSkb, tcpStreamAllocSkb } from './alloc.ts';
import { tcpFragment } from './fragment.ts';
import { tcpCurrentMss } from './mss.ts';
import { tcpSetSkbTsoSegs } from './segments.ts';
import { tcpTransmitSkb } from './transmit.ts';
import { tcpEventNewDataSent } from './write-xmit.ts';

/** An old sequence number, which the peer answers with an ACK. @kernel net/ipv4/tcp_output.c tcp_xmit_probe_skb() */
function tcpXmitProbeSkb(sk: TcpSock, counter: number, urgent: boolean): number {
  const skb = tcpStreamAllocSkb(sk.tcp);
  if (skb === null) return -1;
  tcpInitNondataSkb(skb, urgent ? sk.snd.una : (sk.snd.una - 1) | 0, th.ACK, 0);
  sk.tcp.mib.ext[counter]++;
  return tcpTransmitSkb(sk, skb, false);
}

/** Makes the peer say something: with data if its window has room, else without. @kernel net/ipv4/tcp_output.c tcp_write_wakeup() */
export function tcpWriteWakeup(sk: TcpSock, counter: number): number {
  if (sk.state === TCP_CLOSE) return -1;
  const { snd } = sk;
  const skb = sk.writeQueue.first;
  if (skb === null || !before(skb.cb[SEQ], tcpWndEnd(sk))) {
    // That something urgent waits, a closed window must not keep from the peer.
    if (tcpUrgMode(sk)) tcpXmitProbeSkb(sk, counter, true);
    return tcpXmitProbeSkb(sk, counter, false);
  }
  const mss = tcpCurrentMss(sk);
  const room = (tcpWndEnd(sk) - skb.cb[SEQ]) | 0;
  if (before(snd.pushedSeq, skb.cb[END_SEQ])) snd.pushedSeq = skb.cb[END_SEQ];
  skb.cb[FLAGS] |= th.PSH;
  if (room < skb.len || skb.len > mss) {
    if (tcpFragment(sk, sk.writeQueue, skb, Math.min(room, mss), mss) !== 0) return -1;
    skb.cb[FLAGS] |= th.PSH;
  } else if (skb.cb[PCOUNT] === 0) {
    tcpSetSkbTsoSegs(skb, mss);
  }
  const err = tcpTransmitSkb(sk, skb, true);
  if (err === 0) tcpEventNewDataSent(sk, skb);
  return err;
}

/** Probes a closed window, and arms the timer for the next time. @kernel net/ipv4/tcp_output.c tcp_send_probe0() @rfc 9293 3.8.6.1 */
export function tcpSendProbe0(sk: TcpSock): void {
  const { rtt, tcp } = sk;
  const err = tcpWriteWakeup(sk, TcpExt.TCPWinProbe);
  if (sk.snd.packetsOut !== 0 || !sk.hasUnsent) {
    sk.probesOut = 0;
    rtt.backoff = 0;
    sk.probesTstamp = 0;
    return;
  }
  sk.probesOut++;
  let timeout = TCP_RESOURCE_PROBE_INTERVAL;
  if (err <= 0) {
    if (rtt.backoff < tcp.sysctl.tcp_retries2) rtt.backoff++;
    timeout = tcpProbe0When(sk, tcpRtoMax(sk));
  }
  tcpResetXmitTimer(sk, ICSK_TIME_PROBE0, tcpClampProbe0ToUserTimeout(sk, timeout));
}

/** @kernel net/ipv4/tcp_timer.c tcp_clamp_probe0_to_user_timeout() */
export function tcpClampProbe0ToUserTimeout(sk: TcpSock, when: number): number {
  if (sk.settings.userTimeout === 0 || sk.probesTstamp === 0) return when;
  const elapsed = Math.max(sk.tcp.jiffies - sk.probesTstamp, 0);
  const left = Math.max(sk.settings.userTimeout - elapsed, 2);
  return Math.min(left, when);
}
