import { ip, tcp as th, type SkBuff } from '@stack/skb';
import { inetLookupListener, TCP_FIN_WAIT2, TCP_TIME_WAIT } from '@stack/sock';
import { END_SEQ, FLAGS, HAS_TW_ISN, SEQ, TW_ISN } from '../cb.ts';
import { TCP_TIMEWAIT_LEN } from '../constants.ts';
import { INET_ECN_MASK } from '../ecn/codepoints.ts';
import { tcpOowRateLimited } from '../input/challenge.ts';
import { tcpParseOptions } from '../input/parse-options.ts';
import { TcpExt } from '../mib.ts';
import type { TcpProtocol } from '../protocol.ts';
import { tcpV4SendAck } from '../reply/send-ack.ts';
import { tcpV4SendReset } from '../reply/send-reset.ts';
import { after, before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { inetTwskKill, inetTwskReschedule } from './time-wait.ts';
import type { TcpTimewaitSock } from './timewait-sock.ts';

/** What {@link tcpTimewaitStateProcess} decides. @kernel include/net/tcp.h enum tcp_tw_status */
const TW_SUCCESS = 0;
const TW_RST = 1;
const TW_ACK = 2;
const TW_SYN = 3;
const TW_ACK_OOW = 4;

/** A sequence number above all that the old connection may have sent. */
const GAP = 65_535 + 2;

/**
 * A segment for a connection in TIME_WAIT. Deals with it and returns null, unless it opens a new connection: then the
 * listener that is to have it.
 */
export function timewaitReceives(tcp: TcpProtocol, skb: SkBuff, tw: TcpTimewaitSock): TcpSock | null {
  const verdict = tcpTimewaitStateProcess(tcp, skb, tw);
  if (verdict === TW_SYN) {
    const dif = skb.dev === null ? 0 : skb.dev.ifindex;
    const listener = inetLookupListener(tcp.hashinfo, ip.saddr(skb), th.source(skb), ip.daddr(skb), th.dest(skb), dif);
    if (listener !== null) {
      inetTwskKill(tw);
      return listener as TcpSock;
    }
  }
  if (verdict === TW_ACK || verdict === TW_SYN) tcpV4TimewaitAck(tcp, skb, tw, tw.tos);
  // Anybody may have provoked it: it must not count as ECN-capable.
  if (verdict === TW_ACK_OOW) tcpV4TimewaitAck(tcp, skb, tw, tw.tos & ~INET_ECN_MASK);
  if (verdict === TW_RST) {
    tcpV4SendReset(tcp, null, skb);
    inetTwskKill(tw);
  }
  skb.consume();
  return null;
}

/**
 * What a segment means to a connection that has ended here.
 *
 * @kernel net/ipv4/tcp_minisocks.c tcp_timewait_state_process() @rfc 9293 3.10.7.4 @rfc 1337
 */
function tcpTimewaitStateProcess(tcp: TcpProtocol, skb: SkBuff, tw: TcpTimewaitSock): number {
  const old = isTooOld(tcp, skb, tw);
  if (tw.substate === TCP_FIN_WAIT2) return inFinWait2(tcp, skb, tw, old);
  const { cb } = skb;
  const flags = cb[FLAGS];
  const bare = cb[SEQ] === cb[END_SEQ];
  if (!old && cb[SEQ] === tw.rcvNxt && (bare || (flags & th.RST) !== 0)) {
    if ((flags & th.RST) === 0) refresh(tcp, tw);
    else if (!tcp.sysctl.tcp_rfc1337) inetTwskKill(tw);
    return TW_SUCCESS;
  }
  if ((flags & (th.SYN | th.RST | th.ACK)) === th.SYN && !old && isNew(tcp, skb, tw)) {
    cb[TW_ISN] = (tw.sndNxt + GAP) | 0 || 1;
    cb[HAS_TW_ISN] = 1;
    return TW_SYN;
  }
  if (old) tcp.mib.ext[TcpExt.PAWSEstab]++;
  if ((flags & th.RST) !== 0) return TW_SUCCESS;
  if (old || (flags & th.ACK) !== 0) inetTwskReschedule(tw, TCP_TIMEWAIT_LEN);
  return outOfWindow(tcp, skb, tw);
}

/** The peer has not closed yet. */
function inFinWait2(tcp: TcpProtocol, skb: SkBuff, tw: TcpTimewaitSock, old: boolean): number {
  const { cb } = skb;
  const flags = cb[FLAGS];
  if (old || !inWindow(cb[SEQ], cb[END_SEQ], tw.rcvNxt, (tw.rcvNxt + tw.rcvWnd) | 0)) return outOfWindow(tcp, skb, tw);
  if ((flags & th.RST) !== 0) {
    inetTwskKill(tw);
    return TW_SUCCESS;
  }
  if ((flags & th.SYN) !== 0 && !before(cb[SEQ], tw.rcvNxt)) return TW_RST;
  if ((flags & th.ACK) === 0 || !after(cb[END_SEQ], tw.rcvNxt) || cb[END_SEQ] === cb[SEQ]) return TW_SUCCESS;
  // Data for a socket that nobody reads any more.
  if ((flags & th.FIN) === 0 || cb[END_SEQ] !== ((tw.rcvNxt + 1) | 0)) return TW_RST;
  tw.substate = TCP_TIME_WAIT;
  tw.rcvNxt = cb[END_SEQ];
  refresh(tcp, tw);
  return TW_ACK;
}

function refresh(tcp: TcpProtocol, tw: TcpTimewaitSock): void {
  if (tcp.parsed.sawTstamp) {
    tw.tsRecent = tcp.parsed.tsval;
    tw.tsRecentStamp = Math.floor(tcp.jiffies / 1000) + 1;
  }
  inetTwskReschedule(tw, TCP_TIMEWAIT_LEN);
}

function isTooOld(tcp: TcpProtocol, skb: SkBuff, tw: TcpTimewaitSock): boolean {
  tcpParseOptions(skb, tcp.parsed);
  if (tw.tsRecentStamp === 0 || !tcp.parsed.sawTstamp) return false;
  return ((tw.tsRecent - tcp.parsed.tsval) | 0) > 0;
}

/** Beyond doubt a segment of a new connection. @rfc 1122 4.2.2.13 @rfc 6191 */
function isNew(tcp: TcpProtocol, skb: SkBuff, tw: TcpTimewaitSock): boolean {
  if (after(skb.cb[SEQ], tw.rcvNxt)) return true;
  return tcp.parsed.sawTstamp && ((tw.tsRecent - tcp.parsed.tsval) | 0) < 0;
}

/** @kernel net/ipv4/tcp_minisocks.c tcp_in_window() */
function inWindow(seq: number, end: number, from: number, to: number): boolean {
  return seq === from || (after(end, from) && before(seq, to)) || (seq === to && seq === end);
}

/** @kernel net/ipv4/tcp_minisocks.c tcp_timewait_check_oow_rate_limit() */
function outOfWindow(tcp: TcpProtocol, skb: SkBuff, tw: TcpTimewaitSock): number {
  return tcpOowRateLimited(tcp, skb, TcpExt.TCPACKSkippedTimeWait, tw) ? TW_SUCCESS : TW_ACK_OOW;
}

/** @kernel net/ipv4/tcp_ipv4.c tcp_v4_timewait_ack() */
function tcpV4TimewaitAck(tcp: TcpProtocol, skb: SkBuff, tw: TcpTimewaitSock, tos: number): void {
  tcpV4SendAck(tcp, skb, {
    seq: tw.sndNxt,
    ackSeq: tw.rcvNxt,
    window: tw.rcvWnd >>> tw.rcvWscale,
    stamped: tw.tsRecentStamp !== 0,
    tsval: (tcp.ms + tw.tsOffset) | 0,
    tsecr: tw.tsRecent,
    tos,
    md5Key: tw.md5Key,
  });
}
