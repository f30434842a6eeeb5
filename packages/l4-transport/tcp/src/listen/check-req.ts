import { DropReason, tcp as th, type SkBuff } from '@stack/skb';
import { ACK_SEQ, END_SEQ, FLAGS, SEQ } from '../cb.ts';
import { TCP_PAWS_WINDOW } from '../constants.ts';
import { tcpOowRateLimited } from '../input/challenge.ts';
import { tcpEcnThirdAckOption } from '../ecn/request.ts';
import { tcpParseOptions } from '../input/parse-options.ts';
import { tcpMd5Lookup } from '../md5/keys.ts';
import { Tcp, TcpExt } from '../mib.ts';
import { tcpV4SendAck } from '../reply/send-ack.ts';
import { tcpV4SendReset } from '../reply/send-reset.ts';
import { after, before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { tcpV4SynRecvSock } from './child.ts';
import { waitsForData } from './defer-accept.ts';
import { dropRequest } from './request-queue.ts';
import { tcpSynackWindow, type TcpRequestSock } from './request-sock.ts';
import { resendSynack } from './request-timer.ts';

/**
 * A segment for a request. Returns the connection it makes, which then gets the segment; null when the segment has
 * been dealt with, and is gone.
 *
 * @kernel net/ipv4/tcp_minisocks.c tcp_check_req() @rfc 9293 3.10.7.4
 */
export function tcpCheckReq(listener: TcpSock, skb: SkBuff, request: TcpRequestSock): TcpSock | null {
  const { tcp } = listener;
  const flags = skb.cb[FLAGS] & (th.RST | th.SYN | th.ACK);
  const inOrder = pawsPass(request, skb);
  if (skb.cb[SEQ] === request.rcvIsn && flags === th.SYN && inOrder) {
    // Our SYN-ACK was lost: again.
    if (!tcpOowRateLimited(tcp, skb, TcpExt.TCPACKSkippedSynRecv, request)) resendSynack(request, null);
    return gone(skb, DropReason.NOT_SPECIFIED);
  }
  if ((flags & th.ACK) !== 0 && skb.cb[ACK_SEQ] !== ((request.sndIsn + 1) | 0)) {
    tcpV4SendReset(tcp, listener, skb);
    return gone(skb, DropReason.TCP_INVALID_ACK_SEQUENCE);
  }
  const unknown = !echoesOurs(request);
  if (!inOrder || unknown || !inRequestWindow(request, skb)) {
    if ((flags & th.RST) === 0 && !tcpOowRateLimited(tcp, skb, TcpExt.TCPACKSkippedSynRecv, request))
      reqskSendAck(request, null, skb);
    if (!inOrder) {
      tcp.mib.ext[TcpExt.PAWSEstab]++;
      return gone(skb, DropReason.TCP_RFC7323_PAWS);
    }
    if (unknown) tcp.mib.ext[TcpExt.TSEcrRejected]++;
    return gone(skb, unknown ? DropReason.TCP_RFC7323_TSECR : DropReason.TCP_OVERWINDOW);
  }
  keepStamp(request, skb);
  if ((flags & (th.RST | th.SYN)) !== 0) return embryonicReset(request, skb, flags);
  if ((flags & th.ACK) === 0) return gone(skb, DropReason.TCP_FLAGS);
  if (waitsForData(request, skb.cb[END_SEQ] === request.rcvNxt)) {
    request.acked = true;
    tcp.mib.ext[TcpExt.TCPDeferAcceptDrop]++;
    return gone(skb, DropReason.NOT_SPECIFIED);
  }
  return accepted(listener, skb, request);
}

function accepted(listener: TcpSock, skb: SkBuff, request: TcpRequestSock): TcpSock | null {
  const { tcp } = listener;
  const child = tcpV4SynRecvSock(listener, skb, request);
  if (child === null) {
    if (!tcp.sysctl.tcp_abort_on_overflow) {
      request.acked = true; // the peer will send data, and so ask again
      return gone(skb, DropReason.TCP_LISTEN_OVERFLOW);
    }
    tcp.mib.ext[TcpExt.EmbryonicRsts]++;
    tcpV4SendReset(tcp, listener, skb);
    dropRequest(request);
    return gone(skb, DropReason.TCP_LISTEN_OVERFLOW);
  }
  // No sample from a handshake that was retransmitted. @rfc 6298 3
  child.loss.synackSentUs = request.retransmits === 0 ? request.sentUs || 1 : 0;
  dropRequest(request);
  listener.requests!.push(child);
  return child;
}

function embryonicReset(request: TcpRequestSock, skb: SkBuff, flags: number): null {
  const { tcp } = request.listener;
  if ((flags & th.RST) === 0) tcpV4SendReset(tcp, request.listener, skb);
  tcp.mib.ext[TcpExt.EmbryonicRsts]++;
  tcp.mib.tcp[Tcp.AttemptFails]++;
  dropRequest(request);
  return gone(skb, (flags & th.RST) === 0 ? DropReason.TCP_INVALID_SYN : DropReason.TCP_RESET);
}

/** Whether the time stamp is not too old. @rfc 7323 5.3 */
export function pawsPass(request: TcpRequestSock, skb: SkBuff): boolean {
  const { parsed } = request.listener.tcp;
  tcpParseOptions(skb, parsed);
  tcpEcnThirdAckOption(request, skb, parsed.accecnAt);
  if (!parsed.sawTstamp || !request.tstampOk) return true;
  return ((request.tsRecent - parsed.tsval) | 0) <= TCP_PAWS_WINDOW;
}

/** The segment is in order: its time stamp is the one to echo. */
export function keepStamp(request: TcpRequestSock, skb: SkBuff): void {
  const { parsed } = request.listener.tcp;
  if (parsed.sawTstamp && request.tstampOk && !after(skb.cb[SEQ], request.rcvNxt)) request.tsRecent = parsed.tsval;
}

/** Whether the time stamp that comes back, if one does, is of a SYN-ACK that we sent. @rfc 7323 5.3 */
function echoesOurs({ listener, tstampOk, tsvalFirst, tsvalLast }: TcpRequestSock): boolean {
  const { sawTstamp, tsecr } = listener.tcp.parsed;
  return !sawTstamp || !tstampOk || tsecr === 0 || !(before(tsecr, tsvalFirst) || after(tsecr, tsvalLast));
}

/** @kernel net/ipv4/tcp_minisocks.c tcp_in_window() */
export function inRequestWindow(request: TcpRequestSock, skb: SkBuff): boolean {
  const from = request.rcvNxt;
  const to = (from + tcpSynackWindow(request)) | 0;
  const seq = skb.cb[SEQ];
  const end = skb.cb[END_SEQ];
  return seq === from || (after(end, from) && before(seq, to)) || (seq === to && seq === end);
}

/** `early` is the connection that Fast Open made of the request. @kernel net/ipv4/tcp_ipv4.c tcp_v4_reqsk_send_ack() */
export function reqskSendAck(request: TcpRequestSock, early: TcpSock | null, skb: SkBuff): void {
  const { tcp } = request.listener;
  tcpV4SendAck(tcp, skb, {
    seq: early === null ? (request.sndIsn + 1) | 0 : early.snd.nxt,
    ackSeq: request.rcvNxt,
    window: tcpSynackWindow(request) >>> request.rcvWscale,
    stamped: request.tstampOk,
    tsval: (tcp.ms + request.tsOffset) | 0,
    tsecr: request.tsRecent,
    tos: request.tos,
    md5Key: tcpMd5Lookup(request.listener, request.daddr),
  });
}

function gone(skb: SkBuff, reason: number): null {
  skb.drop(reason);
  return null;
}
