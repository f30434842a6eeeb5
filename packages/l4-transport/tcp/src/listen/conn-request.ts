import { DropReason, ip, tcp as th, type SkBuff } from '@stack/skb';
import { inetEhashInsert } from '@stack/sock';
import { HAS_TW_ISN, SEQ, TW_ISN } from '../cb.ts';
import { TCP_MSS_DEFAULT } from '../constants.ts';
import { secureTcpSeq, secureTcpTsOff } from '../connect/secure-seq.ts';
import { tcpEcnCreateRequest } from '../ecn/request.ts';
import { tcpTryFastopen } from '../fastopen/try.ts';
import { tcpParseOptions } from '../input/parse-options.ts';
import { tcpPeerIsProven } from '../metrics/proven.ts';
import { TcpExt } from '../mib.ts';
import type { TcpSock } from '../sock.ts';
import { openWindow } from './open-window.ts';
import { addRequest } from './request-queue.ts';
import { inetRequestMark, TcpRequestSock } from './request-sock.ts';
import { armRequest } from './request-timer.ts';
import { tcpReqskRecordSyn } from './save-syn.ts';
import { tcpV4SendSynack } from './synack.ts';
import { cookieInitSequence, cookieTimestamp } from './syncookies.ts';

function onRequestTimer(this: TcpRequestSock): void {
  this.listener.tcp.handlers.requestTimer(this);
}

/**
 * A SYN at a listener: answers SYN-ACK and remembers the request; when too many are remembered, the answer itself
 * carries what is needed (a SYN cookie). Owns the skb.
 *
 * @kernel net/ipv4/tcp_input.c tcp_conn_request() @rfc 9293 3.10.7.2
 */
export function tcpConnRequest(sk: TcpSock, skb: SkBuff): void {
  const { tcp } = sk;
  const queue = sk.requests!;
  let cookie = tcp.sysctl.tcp_syncookies === 2;
  if (queue.requestsAreFull && skb.cb[HAS_TW_ISN] === 0 && !cookie) {
    cookie = tcp.sysctl.tcp_syncookies !== 0;
    tcp.mib.ext[cookie ? TcpExt.TCPReqQFullDoCookies : TcpExt.TCPReqQFullDrop]++;
    if (!cookie) return refuse(sk, skb, DropReason.TCP_LISTEN_OVERFLOW);
  }
  if (queue.acceptIsFull) {
    tcp.mib.ext[TcpExt.ListenOverflows]++;
    return refuse(sk, skb, DropReason.TCP_LISTEN_OVERFLOW);
  }
  const request = requestFrom(sk, skb);
  if (!findRoute(request)) return refuse(sk, skb, DropReason.IP_OUTNOROUTES);
  if (!cookie && skb.cb[HAS_TW_ISN] === 0 && backlogIsForKnown(request))
    return refuse(sk, skb, DropReason.NOT_SPECIFIED);
  tcpEcnCreateRequest(request, skb);
  openWindow(sk, request);
  if (cookie) withCookie(request);
  else request.sndIsn = initialSequence(request, skb);
  request.sentUs = tcp.us;
  if (!cookie) {
    tcpReqskRecordSyn(sk, request, skb);
    const child = tcpTryFastopen(sk, skb, request, tcp.parsed.fastOpen);
    if (child !== null) return beginEarly(sk, skb, request, child);
    inetEhashInsert(tcp.hashinfo, request);
    addRequest(request);
    armRequest(request);
  }
  tcpV4SendSynack(tcp, request, cookie ? null : tcp.parsed.fastOpen);
  skb.consume();
}

/** The application gets the connection with its data now, and the handshake goes on beside. */
function beginEarly(sk: TcpSock, skb: SkBuff, request: TcpRequestSock, child: TcpSock): void {
  tcpV4SendSynack(sk.tcp, request, sk.tcp.parsed.fastOpen);
  sk.requests!.push(child);
  if (!child.hasReceived) skb.consume();
  sk.dataReady();
}

function refuse(sk: TcpSock, skb: SkBuff, reason: number): void {
  sk.tcp.mib.ext[TcpExt.ListenDrops]++;
  sk.drops++;
  skb.drop(reason);
}

/** Without cookies, a flood must not take the place of peers who were here before. */
function backlogIsForKnown(request: TcpRequestSock): boolean {
  const { tcp, requests } = request.listener;
  const most = tcp.sysctl.tcp_max_syn_backlog;
  if (tcp.sysctl.tcp_syncookies !== 0 || most - requests!.requests >= most >> 2) return false;
  return !tcpPeerIsProven(tcp, request.rcvSaddr, request.daddr);
}

/** @kernel net/ipv4/tcp_input.c tcp_openreq_init() */
function requestFrom(sk: TcpSock, skb: SkBuff): TcpRequestSock {
  const { tcp } = sk;
  const { parsed, sysctl } = tcp;
  const request = new TcpRequestSock(sk, tcp.wheel, onRequestTimer);
  tcpParseOptions(skb, parsed);
  request.rcvSaddr = ip.daddr(skb);
  request.daddr = ip.saddr(skb);
  request.boundPort = th.dest(skb);
  request.dport = th.source(skb);
  request.boundDevIf = sk.boundDevIf;
  request.mark = inetRequestMark(sk, skb);
  request.synTos = ip.tos(skb);
  request.rcvIsn = skb.cb[SEQ];
  request.rcvNxt = (skb.cb[SEQ] + 1) | 0;
  const mss = parsed.mss || TCP_MSS_DEFAULT;
  request.mss = sk.settings.userMss !== 0 ? Math.min(sk.settings.userMss, mss) : mss;
  request.tstampOk = parsed.sawTstamp && sysctl.tcp_timestamps;
  request.tsRecent = parsed.sawTstamp ? parsed.tsval : 0;
  request.sackOk = parsed.sackOk && sysctl.tcp_sack;
  request.wscaleOk = parsed.wscaleOk && sysctl.tcp_window_scaling;
  request.sndWscale = parsed.wscale;
  request.tsOffset = secureTcpTsOff(tcp, request.rcvSaddr, request.daddr);
  return request;
}

function findRoute(request: TcpRequestSock): boolean {
  const { listener } = request;
  request.route = listener.tcp.ip.routeOutput({
    daddr: request.daddr,
    saddr: request.rcvSaddr,
    protocol: listener.protocol,
    tos: listener.settings.tos,
    mark: request.mark,
    oif: listener.boundDevIf,
  });
  return request.route !== null;
}

/** Above that of a connection in TIME_WAIT, if there was one. */
function initialSequence(request: TcpRequestSock, skb: SkBuff): number {
  if (skb.cb[HAS_TW_ISN] !== 0) return skb.cb[TW_ISN];
  const { rcvSaddr, daddr, boundPort, dport, listener } = request;
  return secureTcpSeq(listener.tcp, rcvSaddr, daddr, boundPort, dport);
}

/** Without time stamps there is no place for window scale, SACK and ECN: the connection does without. */
function withCookie(request: TcpRequestSock): void {
  const { tcp } = request.listener;
  if (!request.tstampOk) {
    request.wscaleOk = false;
    request.sackOk = false;
    request.ecnOk = false;
    request.accurate = null;
    openWindow(request.listener, request);
  } else {
    request.tsOffset = (cookieTimestamp(tcp, request) - tcp.ms) | 0;
  }
  request.sndIsn = cookieInitSequence(tcp, request);
  tcp.mib.ext[TcpExt.SyncookiesSent]++;
}
