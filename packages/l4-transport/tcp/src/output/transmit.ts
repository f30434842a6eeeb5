import { csumFold, csumPseudo } from '@stack/memory';
import { NET_XMIT_CN } from '@stack/netdev';
import { ENOBUFS } from '@stack/plugin';
import { CHECKSUM_PARTIAL, pskbCopy, SKB_GSO_TCPV4, skbClone, tcp as th, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { END_SEQ, FLAGS, GSO_SIZE, PCOUNT, SEQ } from '../cb.ts';
import { ICSK_ACK_SCHED, TCP_ATO_MIN } from '../constants.ts';
import { CA_EVENT_TX_START } from '../congestion/ops.ts';
import { tcpEcnField, tcpEcnFlags, tcpEcnGsoType } from '../ecn/send.ts';
import { tcpPacketsInFlight } from '../flight.ts';
import { Tcp, TcpExt } from '../mib.ts';
import { stampDeparture, tcpPaceAfterSend } from '../pacing/pace.ts';
import { tcpEnterCwr } from '../recovery/cwr.ts';
import { tcpRateSkbSent } from '../recovery/rate.ts';
import { tcpMd5Sign } from '../md5/sign.ts';
import { after } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { clearDelackTimer } from '../timers/arm.ts';
import { writeUrgentPointer } from '../urgent/send.ts';
import { tcpEstablishedOptions } from './established-options.ts';
import { tcpSelectWindow } from './select-window.ts';
import { tcpSynOptions } from './syn-options.ts';
import { ackWfree, tcpWfree } from './tsq.ts';
import { tcpOptionsWrite } from './write-options.ts';

const PROTO_TCP = 6;
const CHECK_OFFSET = 16;

/**
 * Sends one segment, or one GSO packet of several: adds the header and hands it to IP. With `clone` the buffer stays
 * in the retransmission queue and a clone of it goes out; its header is written into the headroom that both share.
 * Returns 0 or a negative errno.
 *
 * @kernel net/ipv4/tcp_output.c tcp_transmit_skb() @rfc 9293 3.1
 */
export function tcpTransmitSkb(sk: TcpSock, skb: SkBuff, clone: boolean): number {
  return __tcpTransmitSkb(sk, skb, clone, sk.rcv.nxt);
}

/** The same with another acknowledgment number. @kernel net/ipv4/tcp_output.c __tcp_transmit_skb() */
export function __tcpTransmitSkb(sk: TcpSock, skb: SkBuff, clone: boolean, rcvNxt: number): number {
  const { tcp, snd } = sk;
  const departure = stampDeparture(sk, skb.cb);
  const out = clone ? outgoingClone(skb) : skb;
  if (out === null) return -ENOBUFS;
  if (tracing.on) trace('tcp_transmit_skb', out);
  const { cb } = skb;
  const bytes = skb.len;
  pushHeader(sk, out, cb, rcvNxt);
  out.orphan();
  out.sk = sk;
  out.destructor = clone || bytes > 0 ? tcpWfree : ackWfree;
  sk.wmemAlloc += out.truesize;
  out.priority = sk.settings.priority;
  out.mark = sk.settings.mark;
  out.hash = sk.lossSeen.txHash;
  const { shinfo } = out;
  shinfo.gsoSegs = cb[PCOUNT];
  shinfo.gsoSize = cb[GSO_SIZE];
  shinfo.gsoType = SKB_GSO_TCPV4 | (sk.ecn === null ? 0 : tcpEcnGsoType(sk.ecn, out));
  if (shinfo.uarg !== null) shinfo.uarg.copied = true; // no device here reaches out of the arena
  const pcount = cb[PCOUNT];
  const seq = cb[SEQ];
  const endSeq = cb[END_SEQ];
  const ecn = tcpEcnField(sk, cb, bytes);
  if ((cb[FLAGS] & th.ACK) !== 0) tcpEventAckSent(sk, rcvNxt);
  if (bytes > 0) {
    tcpEventDataSent(sk);
    sk.rate.dataSegsOut += pcount;
    sk.rate.bytesSent += bytes;
  }
  if (after(endSeq, snd.nxt) || seq === endSeq) tcp.mib.tcp[Tcp.OutSegs] += pcount;
  snd.segsOut += pcount;
  snd.lastTxUs = tcp.us;
  out.tstamp = departureOf(sk);
  const err = sendToIp(sk, out, clone ? skb : null, ecn);
  if (err === 0 && clone && sk.pacing !== null) tcpPaceAfterSend(sk, sk.pacing, bytes, departure);
  return err;
}

/** When a queueing discipline is to let the packet go, in nanoseconds; 0: at once. @kernel net/ipv4/tcp_output.c tcp_add_tx_delay() */
function departureOf({ pacing, settings, tcp }: TcpSock): number {
  const due = pacing === null ? 0 : pacing.departure;
  return settings.txDelay === 0 ? due : (due || tcp.ns) + settings.txDelay;
}

function sendToIp(sk: TcpSock, out: SkBuff, original: SkBuff | null, ecn: number): number {
  let err = sk.tcp.ip.queueXmit(sk, out, ecn);
  if (err > 0) {
    tcpEnterCwr(sk);
    if (err === NET_XMIT_CN) err = 0;
  }
  if (err === 0 && original !== null) tcpRateSkbSent(sk, original);
  return err;
}

/** A clone, or a copy when the last one has not gone everywhere yet: its header must not change under others' eyes. */
function outgoingClone(skb: SkBuff): SkBuff | null {
  if (skb.isCloned) return pskbCopy(skb);
  if (!skb.nohdr) skb.headerRelease(); // the headroom is the clone's to write
  return skbClone(skb);
}

/** Options, header, window, checksum start. */
function pushHeader(sk: TcpSock, skb: SkBuff, cb: Int32Array, rcvNxt: number): void {
  const { out, arena } = sk.tcp;
  const syn = (cb[FLAGS] & th.SYN) !== 0;
  const optionsSize = syn ? tcpSynOptions(sk, skb, out) : tcpEstablishedOptions(sk, skb, out);
  if (tracing.on) trace(syn ? 'tcp_syn_options' : 'tcp_established_options', skb, optionsSize);
  const headerLen = th.LENGTH + optionsSize;
  const ecnFlags = syn || sk.ecn === null ? 0 : tcpEcnFlags(sk, sk.ecn, cb, skb.len);
  const at = skb.push(headerLen);
  skb.transportHeader = at;
  const { view } = arena;
  view.setUint16(at, sk.sport);
  view.setUint16(at + 2, sk.dport);
  view.setInt32(at + 4, cb[SEQ]);
  view.setInt32(at + 8, rcvNxt);
  view.setUint16(at + 12, (headerLen << 10) | cb[FLAGS] | pushFlag(cb, syn) | ecnFlags);
  // A SYN's window is never scaled.
  const window = syn ? Math.min(sk.rcv.wnd, 65_535) : tcpSelectWindow(sk);
  if (tracing.on) trace('tcp_select_window', skb, window);
  view.setUint16(at + 14, window);
  view.setUint32(at + 16, 0);
  if (tracing.on) trace('tcp_options_write', skb);
  if (sk.urgent !== null && sk.urgent.sending) writeUrgentPointer(sk, view, at, cb[SEQ]);
  if (optionsSize > 0) tcpOptionsWrite(view, at + th.LENGTH, out, sk.disorder);
  if (out.md5Key !== null) tcpMd5Sign(skb, sk.saddr, sk.daddr, out.md5Key);
  tcpV4SendCheck(skb, sk.saddr, sk.daddr);
}

/**
 * PSH on every packet of several segments: a receiver that puts segments together hands them up when it sees it. It is
 * not the buffer's to keep: when only a part of it is sent again, that part goes without.
 */
function pushFlag(cb: Int32Array, syn: boolean): number {
  return cb[PCOUNT] > 1 && !syn ? th.PSH : 0;
}

/**
 * Leaves the checksum to the device: the field gets the sum of the pseudo-header.
 *
 * @kernel net/ipv4/tcp_ipv4.c __tcp_v4_send_check() @rfc 9293 3.1
 */
export function tcpV4SendCheck(skb: SkBuff, saddr: number, daddr: number): void {
  const pseudo = csumFold(csumPseudo(saddr, daddr, skb.len, PROTO_TCP)) ^ 0xffff;
  skb.arena.view.setUint16(skb.transportHeader + CHECK_OFFSET, pseudo);
  skb.ipSummed = CHECKSUM_PARTIAL;
  skb.csumStart = skb.transportHeader;
  skb.csumOffset = CHECK_OFFSET;
}

/** An ACK went out: none is owed any more. @kernel net/ipv4/tcp_output.c tcp_event_ack_sent() */
function tcpEventAckSent(sk: TcpSock, rcvNxt: number): void {
  const { disorder } = sk;
  if (disorder !== null && disorder.compressed > 0) {
    sk.tcp.mib.ext[TcpExt.TCPAckCompressed] += disorder.compressed;
    disorder.compressed = 0;
    disorder.compTimer?.cancel();
  }
  if (rcvNxt !== sk.rcv.nxt) return;
  tcpDecQuickackMode(sk);
  clearDelackTimer(sk);
}

/** @kernel include/net/tcp.h tcp_dec_quickack_mode() */
function tcpDecQuickackMode(sk: TcpSock): void {
  const { ack } = sk;
  if (ack.quick === 0 || (ack.pending & ICSK_ACK_SCHED) === 0) return;
  ack.quick--;
  if (ack.quick === 0) ack.ato = TCP_ATO_MIN; // leaving quick mode: deflate
}

/** @kernel net/ipv4/tcp_output.c tcp_event_data_sent() */
function tcpEventDataSent(sk: TcpSock): void {
  const now = sk.tcp.jiffies;
  if (tcpPacketsInFlight(sk) === 0) sk.cc.ops.cwndEvent?.(sk, CA_EVENT_TX_START);
  sk.snd.lsndtime = now;
  // An answer soon after data came: the application talks back and forth, and ACKs can ride with its data.
  if (now - sk.ack.lrcvtime < sk.ack.ato && sk.ack.pingpong < 255) sk.ack.pingpong++;
}
