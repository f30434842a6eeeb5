import { csumAdd, csumFold, csumPseudo } from '@stack/memory';
import {
  CHECKSUM_COMPLETE,
  CHECKSUM_PARTIAL,
  CHECKSUM_UNNECESSARY,
  DropReason,
  ip,
  PACKET_HOST,
  skbChecksum,
  tcp as th,
  type SkBuff,
} from '@stack/skb';
import {
  inetLookup,
  skAddBacklog,
  skFilter,
  TCP_LISTEN,
  TCP_NEW_SYN_RECV,
  TCP_TIME_WAIT,
  type SockCommon,
} from '@stack/sock';
import { trace, tracing } from '@stack/trace';
import { tcpCheckReq } from '../listen/check-req.ts';
import { tcpChildProcess } from '../listen/child-process.ts';
import type { TcpRequestSock } from '../listen/request-sock.ts';
import { tcpInboundHash } from '../md5/inbound.ts';
import { Tcp, TcpExt } from '../mib.ts';
import type { TcpProtocol } from '../protocol.ts';
import { tcpV4SendReset } from '../reply/send-reset.ts';
import type { TcpSock } from '../sock.ts';
import { timewaitReceives } from '../timewait/receive.ts';
import type { TcpTimewaitSock } from '../timewait/timewait-sock.ts';
import { tcpV4DoRcv } from './do-rcv.ts';
import { tcpV4FillCb } from './fill-cb.ts';

const PROTO_TCP = 6;

/**
 * A segment from IPv4: `data` is at the TCP header. Owns the skb. Checks the header, finds the socket, and hands it
 * over, or puts it into the backlog when a call is inside.
 *
 * @kernel net/ipv4/tcp_ipv4.c tcp_v4_rcv() @rfc 9293 3.10.7
 */
export function tcpV4Rcv(tcp: TcpProtocol, skb: SkBuff): number {
  if (tracing.on) trace('tcp_v4_rcv', skb);
  if (skb.pktType !== PACKET_HOST) return dropped(skb, DropReason.NOT_SPECIFIED);
  tcp.mib.tcp[Tcp.InSegs]++;
  if (!skb.mayPull(th.LENGTH)) return bad(tcp, skb, DropReason.PKT_TOO_SMALL);
  skb.resetTransportHeader();
  const length = th.headerLength(skb);
  if (length < th.LENGTH || !skb.mayPull(length)) return bad(tcp, skb, DropReason.PKT_TOO_SMALL);
  skb.resetTransportHeader();
  if (!checksumIsRight(skb)) {
    tcp.mib.tcp[Tcp.InCsumErrors]++;
    return bad(tcp, skb, DropReason.TCP_CSUM);
  }
  tcp.refresh();
  tcpV4FillCb(skb);
  if (tracing.on) trace('__inet_lookup_skb', skb);
  const found = skbStealSock(skb) ?? lookup(tcp, skb);
  if (found === null) return noSocket(tcp, skb);
  return toSocket(tcp, skb, found);
}

/** The socket that early demultiplexing found, unless its connection has ended since. @kernel include/net/request_sock.h skb_steal_sock() */
function skbStealSock(skb: SkBuff): SockCommon | null {
  const sk = skb.sk as TcpSock | null;
  if (sk === null) return null;
  skb.orphan();
  return sk.hash < 0 ? null : sk;
}

function lookup(tcp: TcpProtocol, skb: SkBuff): SockCommon | null {
  const dif = skb.dev === null ? 0 : skb.dev.ifindex;
  return inetLookup(tcp.hashinfo, ip.saddr(skb), th.source(skb), ip.daddr(skb), th.dest(skb), dif);
}

function toSocket(tcp: TcpProtocol, skb: SkBuff, found: SockCommon): number {
  if (found.state === TCP_TIME_WAIT) {
    const listener = timewaitReceives(tcp, skb, found as TcpTimewaitSock);
    return listener === null ? 0 : deliver(tcp, skb, listener);
  }
  if (found.state === TCP_NEW_SYN_RECV) return toRequest(tcp, skb, found as TcpRequestSock);
  return deliver(tcp, skb, found as TcpSock);
}

/** The last ACK of a handshake, or something else for a connection that is not one yet. */
function toRequest(tcp: TcpProtocol, skb: SkBuff, request: TcpRequestSock): number {
  const { listener } = request;
  if (!mayPass(tcp, skb, listener)) return 0;
  const child = tcpCheckReq(listener, skb, request);
  if (child === null) return 0; // the request has consumed the segment
  tcpChildProcess(listener, child, skb);
  return 0;
}

function deliver(tcp: TcpProtocol, skb: SkBuff, sk: TcpSock): number {
  if (!mayPass(tcp, skb, sk)) return 0;
  sk.rcv.segsIn += Math.max(1, skb.shinfo.gsoSegs);
  if (sk.state === TCP_LISTEN || !sk.ownedByUser) {
    if (skb.len > th.headerLength(skb)) sk.rcv.dataSegsIn += Math.max(1, skb.shinfo.gsoSegs);
    tcpV4DoRcv(sk, skb);
    return 0;
  }
  tcpAddBacklog(sk, skb);
  return 0;
}

/** Limits and policies of the socket. False when the segment was dropped. */
function mayPass(tcp: TcpProtocol, skb: SkBuff, sk: TcpSock): boolean {
  if (sk.settings.minTtl > 0 && ip.ttl(skb) < sk.settings.minTtl) {
    tcp.mib.ext[TcpExt.TCPMinTTLDrop]++;
    return refuse(skb, DropReason.TCP_MINTTL);
  }
  if (tracing.on) trace('xfrm4_policy_check', skb);
  if (tcp.policyCheck !== null && !tcp.policyCheck(sk, skb)) return refuse(skb, DropReason.XFRM_POLICY);
  const unsigned = tcpInboundHash(sk, skb);
  if (unsigned !== 0) return refuse(skb, unsigned);
  return tcpFilter(sk, skb) || refuse(skb, DropReason.SOCKET_FILTER);
}

/** The user's filter sees the whole segment, and cannot cut into the header. @kernel net/ipv4/tcp_ipv4.c tcp_filter() */
export function tcpFilter(sk: TcpSock, skb: SkBuff): boolean {
  if (tracing.on) trace('tcp_filter', skb);
  if (sk.settings.filter === null) return true;
  if (!skFilter(sk, skb, th.headerLength(skb))) return false;
  tcpV4FillCb(skb);
  return true;
}

/** A call is inside the socket: the segment waits until it leaves. @kernel net/ipv4/tcp_ipv4.c tcp_add_backlog() */
export function tcpAddBacklog(sk: TcpSock, skb: SkBuff): boolean {
  // A little more than the buffers hold, so that ACKs find room even when data filled it.
  const limit = 2 * sk.rcvbuf + (sk.sndbuf >> 1) + 64 * 1024;
  skb.dst = null;
  if (skAddBacklog(sk, skb, limit)) return true;
  sk.tcp.mib.ext[TcpExt.TCPBacklogDrop]++;
  sk.drops++;
  skb.drop(DropReason.SOCKET_BACKLOG);
  return false;
}

/** @kernel net/ipv4/tcp_ipv4.c tcp_v4_checksum_init() @rfc 9293 3.1 */
function checksumIsRight(skb: SkBuff): boolean {
  if (skb.ipSummed === CHECKSUM_UNNECESSARY || skb.ipSummed === CHECKSUM_PARTIAL) return true;
  const pseudo = csumPseudo(ip.saddr(skb), ip.daddr(skb), skb.len, PROTO_TCP);
  const sum = skb.ipSummed === CHECKSUM_COMPLETE ? csumAdd(skb.csum, pseudo) : skbChecksum(skb, 0, skb.len, pseudo);
  if (csumFold(sum) !== 0) return false;
  skb.ipSummed = CHECKSUM_UNNECESSARY;
  return true;
}

/** Nobody has this connection: the sender is told so. @rfc 9293 3.10.7.1 */
function noSocket(tcp: TcpProtocol, skb: SkBuff): number {
  tcpV4SendReset(tcp, null, skb);
  return dropped(skb, DropReason.NO_SOCKET);
}

function bad(tcp: TcpProtocol, skb: SkBuff, reason: number): number {
  tcp.mib.tcp[Tcp.InErrs]++;
  return dropped(skb, reason);
}

function refuse(skb: SkBuff, reason: number): false {
  skb.drop(reason);
  return false;
}

function dropped(skb: SkBuff, reason: number): number {
  skb.drop(reason);
  return 0;
}
