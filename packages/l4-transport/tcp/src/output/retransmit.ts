import { EAGAIN, EBUSY, EHOSTUNREACH, EINVAL, ENOMEM } from '@stack/plugin';
import { skbAdvance, tcp as th, type SkBuff } from '@stack/skb';
import { skWmemQueuedSub } from '@stack/sock';
import {
  END_SEQ,
  FLAGS,
  GSO_SIZE,
  PCOUNT,
  SACKED,
  SEQ,
  TCPCB_EVER_RETRANS,
  TCPCB_LOST,
  TCPCB_RETRANS,
  TCPCB_SACKED_ACKED,
  TCPCB_SACKED_RETRANS,
  TX_MS,
} from '../cb.ts';
import { ICSK_TIME_REO_TIMEOUT, TCP_CA_Loss } from '../constants.ts';
import { tcpEcnClearSyn } from '../ecn/open.ts';
import { tcpAdjustPcount, tcpInCwndReduction, tcpPacketsInFlight } from '../flight.ts';
import { Tcp, TcpExt } from '../mib.ts';
import { tcpPacingCheck } from '../pacing/pace.ts';
import { armRetransmit } from '../rto.ts';
import { before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { tcpWndEnd } from '../win.ts';
import { tcpFragment } from './fragment.ts';
import { tcpSmallQueueCheck } from './may-send.ts';
import { tcpCurrentMss } from './mss.ts';
import { tcpRetransTryCollapse } from './retrans-collapse.ts';
import { tcpSetSkbTsoSegs, tcpTsoSegs } from './segments.ts';
import { tcpTransmitSkb } from './transmit.ts';

/**
 * Whether the last transmission of the buffer has not left this host yet: sending it again would only add to the
 * queue.
 *
 * @kernel net/ipv4/tcp_output.c skb_still_in_host_queue()
 */
export function skbStillInHostQueue(sk: TcpSock, skb: SkBuff): boolean {
  if (!skb.isCloned || sk.wmemAlloc <= 1) return false;
  sk.tcp.mib.ext[TcpExt.TCPSpuriousRtxHostQueues]++;
  return true;
}

/** Takes `length` acknowledged bytes off the front. False without memory. @kernel net/ipv4/tcp_output.c tcp_trim_head() */
export function tcpTrimHead(sk: TcpSock, skb: SkBuff, length: number): boolean {
  const { truesize } = skb;
  if (!skbAdvance(skb, length)) return false;
  skb.cb[SEQ] += length;
  skb.truesize = truesize - length; // as charged, even if the head had to be replaced
  skWmemQueuedSub(sk, length);
  if (skb.cb[PCOUNT] > 1) tcpSetSkbTsoSegs(skb, skb.cb[GSO_SIZE]);
  return true;
}

/**
 * Sends a buffer again, at most `segs` segments of it. 0 or a negative errno.
 *
 * @kernel net/ipv4/tcp_output.c __tcp_retransmit_skb()
 */
export function __tcpRetransmitSkb(sk: TcpSock, skb: SkBuff, segs: number): number {
  const { snd, cc, tcp } = sk;
  const { cb } = skb;
  if (sk.mtup !== null) sk.mtup.probeSize = 0; // it proved nothing
  if (skbStillInHostQueue(sk, skb)) return -EBUSY;
  if (before(cb[SEQ], snd.una)) {
    if (before(cb[END_SEQ], snd.una)) return -EINVAL;
    if (!tcpTrimHead(sk, skb, (snd.una - cb[SEQ]) | 0)) return -ENOMEM;
  }
  if (tcp.ip.skDstCheck(sk) === null) return -EHOSTUNREACH;
  const mss = tcpCurrentMss(sk);
  let window = (tcpWndEnd(sk) - cb[SEQ]) | 0;
  if (window <= 0) {
    // A window shrunk to nothing: the first segment serves as its probe.
    if (cb[SEQ] !== snd.una) return -EAGAIN;
    window = mss;
  }
  if (!fitToWindow(sk, skb, segs * mss, window, mss)) return -ENOMEM;
  tcpEcnClearSyn(sk, skb);
  const count = cb[PCOUNT];
  tcp.mib.tcp[Tcp.RetransSegs] += count;
  if ((cb[FLAGS] & th.SYN) !== 0) tcp.mib.ext[TcpExt.TCPSynRetrans]++;
  cc.totalRetrans += count;
  sk.loss.bytesRetrans += skb.len;
  const err = tcpTransmitSkb(sk, skb, true);
  cb[SACKED] |= TCPCB_EVER_RETRANS; // even if it failed: its time of sending is no basis for a sample
  if (err !== 0) tcp.mib.ext[TcpExt.TCPRetransFail] += count;
  return err;
}

/** Cuts the buffer to what may be sent, or joins others to it if there is room. */
function fitToWindow(sk: TcpSock, skb: SkBuff, wanted: number, window: number, mss: number): boolean {
  const length = wanted <= window ? wanted : window - (window % mss) || window;
  if (skb.len > length) return tcpFragment(sk, sk.rtxQueue, skb, length, mss) === 0;
  const was = skb.cb[PCOUNT];
  const now = skb.len === 0 ? 1 : tcpSetSkbTsoSegs(skb, mss);
  if (was !== now) tcpAdjustPcount(sk, skb, was - now);
  const room = Math.min(window, mss);
  if (skb.len < room) tcpRetransTryCollapse(sk, skb, room);
  return true;
}

/** The same, with the scoreboard kept. @kernel net/ipv4/tcp_output.c tcp_retransmit_skb() */
export function tcpRetransmitSkb(sk: TcpSock, skb: SkBuff, segs: number): number {
  const { loss } = sk;
  const err = __tcpRetransmitSkb(sk, skb, segs);
  const count = skb.cb[PCOUNT];
  if (err === 0) {
    skb.cb[SACKED] |= TCPCB_RETRANS;
    loss.retransOut += count;
  }
  // An attempt counts too: give up in the end, even if nothing ever leaves.
  if (!loss.retransPending) {
    loss.retransPending = true;
    loss.retransStamp = skb.cb[TX_MS];
  }
  loss.undoRetrans = Math.max(loss.undoRetrans, 0) + count;
  return err;
}

/**
 * Sends again what is marked lost, in order, as the window allows.
 *
 * @kernel net/ipv4/tcp_output.c tcp_xmit_retransmit_queue() @rfc 6675 5
 */
export function tcpXmitRetransmitQueue(sk: TcpSock): void {
  const { cc, loss } = sk;
  if (sk.snd.packetsOut === 0) return;
  const head = sk.rtxQueue.first;
  const maxSegs = tcpTsoSegs(sk, tcpCurrentMss(sk));
  let hole = false;
  let rearm = false;
  for (let skb = sk.loss.retransmitHint ?? head; skb !== null; skb = skb.next) {
    if (sk.pacing !== null && tcpPacingCheck(sk, sk.pacing)) break;
    if (!hole) sk.loss.retransmitHint = skb;
    const room = cc.cwnd - tcpPacketsInFlight(sk);
    if (room <= 0 || loss.retransOut >= loss.lostOut) break;
    const sacked = skb.cb[SACKED];
    if ((sacked & TCPCB_LOST) === 0) {
      if ((sacked & (TCPCB_SACKED_RETRANS | TCPCB_SACKED_ACKED)) === 0) hole = true;
      continue;
    }
    if ((sacked & (TCPCB_SACKED_ACKED | TCPCB_SACKED_RETRANS)) !== 0) continue;
    if (tcpSmallQueueCheck(sk, skb, 1)) break;
    if (tcpRetransmitSkb(sk, skb, Math.min(room, maxSegs)) !== 0) break;
    const counter = cc.state === TCP_CA_Loss ? TcpExt.TCPSlowStartRetrans : TcpExt.TCPFastRetrans;
    sk.tcp.mib.ext[counter] += skb.cb[PCOUNT];
    if (tcpInCwndReduction(sk)) loss.prrOut += skb.cb[PCOUNT];
    if (skb === head && sk.pendingTimer !== ICSK_TIME_REO_TIMEOUT) rearm = true;
  }
  if (rearm) armRetransmit(sk, sk.rtt.rto);
}
