import { tcp as th, type SkBuff } from '@stack/skb';
import { FLAGS } from '../cb.ts';
import {
  ICSK_ACK_PUSHED,
  ICSK_ACK_PUSHED2,
  TCP_ATO_MIN,
  TCP_MAX_QUICKACKS,
  TCP_MIN_MSS,
  TCP_MSS_DEFAULT,
} from '../constants.ts';
import { tcpDataEcnCheck } from '../ecn/receive.ts';
import type { TcpSock } from '../sock.ts';
import { tcpReceiveWindow, tcpSetWindowClamp, tcpWinFromSpace } from '../win.ts';
import { inetCskScheduleAck, tcpIncrQuickack } from './quickack.ts';
import { tcpGrowWindow, tcpRcvRttMeasure } from './rcvbuf.ts';

/** A segment with one of these may be short for another reason than the peer's MSS. */
const TCP_REMNANT = th.FIN | th.SYN | th.URG | th.PSH;

/** Guesses the peer's segment size, on which delayed ACKs depend. @kernel net/ipv4/tcp_input.c tcp_measure_rcv_mss() */
export function tcpMeasureRcvMss(sk: TcpSock, skb: SkBuff): void {
  const { rcv, ack } = sk;
  const lastSize = ack.lastSegSize;
  ack.lastSegSize = 0;
  let length = skb.shinfo.gsoSize || skb.len;
  if (length >= rcv.mss) {
    if (length !== rcv.mss) followScalingRatio(sk, skb);
    rcv.mss = Math.min(length, rcv.advmss);
    if ((skb.cb[FLAGS] & th.PSH) !== 0) ack.pending |= ICSK_ACK_PUSHED;
    return;
  }
  length += skb.data - skb.transportHeader;
  const whole = (skb.cb[FLAGS] & TCP_REMNANT) === 0;
  if (length >= TCP_MSS_DEFAULT + th.LENGTH || (length >= TCP_MIN_MSS + th.LENGTH && whole)) {
    length -= sk.snd.headerLen;
    ack.lastSegSize = length;
    if (length === lastSize) {
      rcv.mss = length;
      return;
    }
  }
  if ((ack.pending & ICSK_ACK_PUSHED) !== 0) ack.pending |= ICSK_ACK_PUSHED2;
  ack.pending |= ICSK_ACK_PUSHED;
}

/** How much of the memory that packets cost is payload decides what window the buffer bears. */
function followScalingRatio(sk: TcpSock, skb: SkBuff): void {
  const { rcv } = sk;
  const old = rcv.scalingRatio;
  rcv.scalingRatio = Math.min(Math.floor((skb.len * 256) / skb.truesize) || 1, 255);
  if (old === rcv.scalingRatio) return;
  tcpSetWindowClamp(sk, tcpWinFromSpace(sk, sk.rcvbuf));
  rcv.spaceSpace = Math.min(rcv.spaceSpace, rcv.windowClamp);
}

/** Data came: an ACK is owed, and its delay follows the pace of arrivals. @kernel net/ipv4/tcp_input.c tcp_event_data_recv() */
export function tcpEventDataRecv(sk: TcpSock, skb: SkBuff): void {
  const { ack, rtt } = sk;
  const now = sk.tcp.jiffies;
  inetCskScheduleAck(sk);
  tcpMeasureRcvMss(sk, skb);
  tcpRcvRttMeasure(sk);
  if (ack.ato === 0) {
    // The first data: the sender is in slow start, every ACK helps it.
    tcpIncrQuickack(sk, TCP_MAX_QUICKACKS);
    ack.ato = TCP_ATO_MIN;
  } else {
    const gap = now - ack.lrcvtime;
    if (gap <= TCP_ATO_MIN / 2) ack.ato = (ack.ato >> 1) + TCP_ATO_MIN / 2;
    else if (gap < ack.ato) ack.ato = Math.min((ack.ato >> 1) + gap, rtt.rto);
    else if (gap > rtt.rto) tcpIncrQuickack(sk, TCP_MAX_QUICKACKS);
  }
  ack.lrcvtime = now;
  if (sk.ecn !== null) tcpDataEcnCheck(sk, sk.ecn, skb);
  if (skb.len >= 128) tcpGrowWindow(sk, skb, true);
}

/** Whether the receive buffer is nearly full. @kernel include/net/tcp.h tcp_rmem_pressure() */
function tcpRmemPressure(sk: TcpSock): boolean {
  return sk.memory.underPressure || sk.rmemAlloc > sk.rcvbuf - (sk.rcvbuf >> 3);
}

/** Whether a reader who wants `target` bytes should be told. @kernel include/net/tcp.h tcp_epollin_ready() */
export function tcpEpollinReady(sk: TcpSock, target: number): boolean {
  const available = (sk.rcv.nxt - sk.rcv.copiedSeq) | 0;
  if (available <= 0) return false;
  return available >= target || tcpRmemPressure(sk) || tcpReceiveWindow(sk) <= sk.rcv.mss;
}

/** @kernel net/ipv4/tcp_input.c tcp_data_ready() */
export function tcpDataReady(sk: TcpSock): void {
  if (tcpEpollinReady(sk, sk.settings.rcvlowat)) sk.dataReady();
}
