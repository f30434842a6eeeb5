import { DropReason, ip, tcp as th, type SkBuff } from '@stack/skb';
import { ACK_SEQ, FLAGS, SEQ } from '../cb.ts';
import { keyedHash, secureTcpTsOff } from '../connect/secure-seq.ts';
import { tcpEcnFromCookie, tcpEcnThirdAckOption } from '../ecn/request.ts';
import { tcpParseOptions } from '../input/parse-options.ts';
import { TcpExt } from '../mib.ts';
import type { TcpProtocol } from '../protocol.ts';
import type { TcpSock } from '../sock.ts';
import { tcpV4SynRecvSock } from './child.ts';
import { openWindow } from './open-window.ts';
import { inetRequestMark, TcpRequestSock } from './request-sock.ts';

const COOKIE_BITS = 24;
const COOKIE_MASK = (1 << COOKIE_BITS) - 1;
/** A cookie tells its minute, and holds for two. */
const MINUTE = 60_000;
const MAX_AGE = 2;
/** Of the peer's MSS only the next lower of these is kept. @kernel net/ipv4/syncookies.c msstab */
const MSS_TABLE = [536, 1300, 1440, 1460] as const;

// What the low bits of our time stamp remember of the peer's options.
const TS_BITS = 6;
const TS_MASK = (1 << TS_BITS) - 1;
const TS_WSCALE = 0xf;
const TS_SACK = 1 << 4;
const TS_ECN = 1 << 5;

function minuteOf(tcp: TcpProtocol): number {
  return Math.floor(tcp.jiffies / MINUTE);
}

function cookieHash(tcp: TcpProtocol, request: TcpRequestSock, key: number, count: number, isn: number): number {
  const ports = (request.dport << 16) ^ request.boundPort;
  return keyedHash(tcp.secrets, key, request.daddr, request.rcvSaddr ^ isn, ports ^ count);
}

/** The peer's number is sealed too: data that overtook the handshake's ACK must not pass for it. */
function sealOf(tcp: TcpProtocol, request: TcpRequestSock, minute: number): number {
  return cookieHash(tcp, request, 4, minute, request.rcvIsn);
}

/**
 * A sequence number that carries the minute and the MSS, sealed by a keyed hash of the four-tuple.
 *
 * @kernel net/ipv4/syncookies.c cookie_init_sequence() @rfc 4987 3.6
 */
export function cookieInitSequence(tcp: TcpProtocol, request: TcpRequestSock): number {
  let index = MSS_TABLE.length - 1;
  while (index > 0 && request.mss < MSS_TABLE[index]) index--;
  request.mss = MSS_TABLE[index];
  request.listener.requests!.synqOverflow = tcp.jiffies;
  const minute = minuteOf(tcp);
  const sealed = (sealOf(tcp, request, minute) + index) & COOKIE_MASK;
  return (cookieHash(tcp, request, 6, 0, 0) + request.rcvIsn + (minute << COOKIE_BITS) + sealed) | 0;
}

/** The MSS in the cookie that `ack` returns, 0 if it is none of ours or too old. @kernel net/ipv4/syncookies.c __cookie_v4_check() */
function cookieMss(tcp: TcpProtocol, request: TcpRequestSock, cookie: number): number {
  const rest = (cookie - cookieHash(tcp, request, 6, 0, 0) - request.rcvIsn) | 0;
  const minute = minuteOf(tcp);
  const age = (minute - (rest >> COOKIE_BITS)) & 0xff;
  if (age >= MAX_AGE) return 0;
  const index = (rest - sealOf(tcp, request, minute - age)) & COOKIE_MASK;
  return index < MSS_TABLE.length ? MSS_TABLE[index] : 0;
}

/** Our time stamp, with the peer's options in its low bits. @kernel net/ipv4/syncookies.c cookie_init_timestamp() */
export function cookieTimestamp(tcp: TcpProtocol, request: TcpRequestSock): number {
  const bits =
    (request.wscaleOk ? request.sndWscale : TS_WSCALE) | (request.sackOk ? TS_SACK : 0) | (request.ecnOk ? TS_ECN : 0);
  const now = (tcp.ms + secureTcpTsOff(tcp, request.rcvSaddr, request.daddr)) | 0;
  const stamped = (now & ~TS_MASK) | bits;
  return ((stamped - now) | 0) > 0 ? (stamped - (1 << TS_BITS)) | 0 : stamped;
}

/** Without cookies sent, none can come back: nobody may try them. @kernel include/net/tcp.h tcp_synq_no_recent_overflow() */
function tcpSynqNoRecentOverflow({ tcp, requests }: TcpSock): boolean {
  const { synqOverflow } = requests!;
  return synqOverflow === 0 || tcp.jiffies - synqOverflow > MAX_AGE * MINUTE;
}

/**
 * An ACK at a listener that no request waits for: perhaps it returns a cookie. The listener itself: the segment is
 * not about cookies. Null: it was dropped. Else the connection, for which the segment still is.
 *
 * @kernel net/ipv4/syncookies.c cookie_v4_check()
 */
export function cookieV4Check(sk: TcpSock, skb: SkBuff): TcpSock | null {
  const { tcp } = sk;
  const flags = skb.cb[FLAGS];
  if (tcp.sysctl.tcp_syncookies === 0 || tcpSynqNoRecentOverflow(sk) || (flags & (th.ACK | th.RST | th.SYN)) !== th.ACK)
    return sk;
  const request = new TcpRequestSock(sk, tcp.wheel, () => {});
  request.rcvSaddr = ip.daddr(skb);
  request.daddr = ip.saddr(skb);
  request.boundPort = th.dest(skb);
  request.dport = th.source(skb);
  request.mark = inetRequestMark(sk, skb);
  request.rcvIsn = (skb.cb[SEQ] - 1) | 0;
  request.rcvNxt = skb.cb[SEQ];
  request.sndIsn = (skb.cb[ACK_SEQ] - 1) | 0;
  request.mss = cookieMss(tcp, request, request.sndIsn);
  if (request.mss === 0) {
    tcp.mib.ext[TcpExt.SyncookiesFailed]++;
    return sk;
  }
  tcp.mib.ext[TcpExt.SyncookiesRecv]++;
  recallOptions(tcp, request, skb);
  const { daddr, rcvSaddr: saddr } = request;
  request.route = tcp.ip.routeOutput({
    daddr,
    saddr,
    protocol: sk.protocol,
    tos: sk.settings.tos,
    mark: request.mark,
    oif: sk.boundDevIf,
  });
  const child = request.route === null ? null : childOf(sk, skb, request);
  if (child === null) skb.drop(DropReason.TCP_LISTEN_OVERFLOW);
  return child;
}

function childOf(sk: TcpSock, skb: SkBuff, request: TcpRequestSock): TcpSock | null {
  openWindow(sk, request);
  const child = tcpV4SynRecvSock(sk, skb, request);
  if (child !== null) sk.requests!.push(child);
  return child;
}

/** The peer echoes what we hid in the time stamp. @kernel net/ipv4/syncookies.c cookie_timestamp_decode() */
function recallOptions(tcp: TcpProtocol, request: TcpRequestSock, skb: SkBuff): void {
  const { parsed } = tcp;
  tcpParseOptions(skb, parsed);
  tcpEcnThirdAckOption(request, skb, parsed.accecnAt);
  request.sentUs = tcp.us;
  if (!parsed.sawTstamp) return;
  const echoed = parsed.tsecr;
  request.tstampOk = true;
  request.tsRecent = parsed.tsval;
  request.tsOffset = secureTcpTsOff(tcp, request.rcvSaddr, request.daddr);
  request.sackOk = (echoed & TS_SACK) !== 0;
  if ((echoed & TS_ECN) !== 0) tcpEcnFromCookie(request, skb);
  request.wscaleOk = (echoed & TS_WSCALE) !== TS_WSCALE;
  request.sndWscale = request.wscaleOk ? echoed & TS_WSCALE : 0;
}
