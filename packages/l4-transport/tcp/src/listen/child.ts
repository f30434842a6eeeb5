import { tcp as th, type SkBuff } from '@stack/skb';
import { inetEhashInsert, inetEhashReplace, inetInheritPort, SOCK_BINDPORT_LOCK, TCP_SYN_RECV } from '@stack/sock';
import { SEQ } from '../cb.ts';
import { TCP_TIMEOUT_INIT, TS_OPTION } from '../constants.ts';
import { tcpInitSock } from '../connect/init.ts';
import { INET_ECN_MASK } from '../ecn/codepoints.ts';
import { tcpEcnOpenreqChild } from '../ecn/request.ts';
import { Tcp, TcpExt } from '../mib.ts';
import { md5Size } from '../output/established-options.ts';
import { tcpInitializeRcvMss } from '../input/rcvbuf.ts';
import { skSetupCaps, tcpSyncMss } from '../output/mss.ts';
import { needPacing } from '../pacing/pacing-state.ts';
import { tcpCaDstInit } from '../congestion/assign.ts';
import type { TcpSock } from '../sock.ts';
import { resetKeepaliveTimer } from '../timers/arm.ts';
import { keepaliveTimeWhen } from '../timers/keepalive.ts';
import type { TcpRequestSock } from './request-sock.ts';

/**
 * The full socket of a request, in the request's place. Null when nobody could accept it or its route is gone.
 *
 * @kernel net/ipv4/tcp_ipv4.c tcp_v4_syn_recv_sock()
 */
export function tcpV4SynRecvSock(listener: TcpSock, skb: SkBuff, request: TcpRequestSock): TcpSock | null {
  const { tcp } = listener;
  if (listener.requests!.acceptIsFull) {
    tcp.mib.ext[TcpExt.ListenOverflows]++;
    tcp.mib.ext[TcpExt.ListenDrops]++;
    return null;
  }
  const child = tcpCreateOpenreqChild(listener, request, skb);
  child.dstCache = request.route;
  if (request.savedSyn !== null) tcp.savedSyns.set(child, request.savedSyn);
  tcpCaDstInit(child);
  child.inetId = tcp.random.int32() & 0xffff;
  skSetupCaps(child);
  tcpSyncMss(child, request.route!.mtu());
  child.rcv.advmss = request.route!.advmss();
  if (listener.settings.userMss !== 0) child.rcv.advmss = Math.min(child.rcv.advmss, listener.settings.userMss);
  tcpInitializeRcvMss(child);
  inetInheritPort(listener, child);
  if (request.hash >= 0) inetEhashReplace(tcp.hashinfo, request, child);
  else inetEhashInsert(tcp.hashinfo, child);
  return child;
}

/** @kernel net/ipv4/tcp_minisocks.c tcp_create_openreq_child() */
function tcpCreateOpenreqChild(listener: TcpSock, request: TcpRequestSock, skb: SkBuff): TcpSock {
  const { tcp } = listener;
  const sk = tcpInitSock(tcp);
  sk.cc.ops = listener.cc.ops;
  inheritOptions(sk, listener);
  if (tcp.sysctl.tcp_reflect_tos) sk.change({ tos: request.synTos & ~INET_ECN_MASK });
  if (request.mark !== sk.settings.mark) sk.change({ mark: request.mark });
  sk.state = TCP_SYN_RECV;
  sk.rcvSaddr = sk.saddr = request.rcvSaddr;
  sk.daddr = request.daddr;
  sk.boundPort = request.boundPort;
  sk.dport = request.dport;
  sk.boundDevIf = request.boundDevIf;
  setSequences(sk, request);
  setNegotiated(sk, request);
  sk.rtt.rto = TCP_TIMEOUT_INIT;
  sk.snd.lsndtime = tcp.jiffies;
  sk.ack.lrcvtime = tcp.jiffies;
  sk.rcvTstamp = tcp.jiffies;
  sk.cc.totalRetrans = request.retransmits;
  if (request.timeouts > 0) rememberTimeouts(sk, request);
  sk.snd.wnd = th.window(skb) << sk.snd.wscale;
  sk.snd.maxWnd = sk.snd.wnd;
  sk.rcv.segsIn = 1;
  tcpEcnOpenreqChild(sk, request, skb);
  if (sk.settings.keepOpen) resetKeepaliveTimer(sk, keepaliveTimeWhen(sk));
  sk.snd.wl1 = skb.cb[SEQ];
  tcp.mib.tcp[Tcp.PassiveOpens]++;
  return sk;
}

/** The SYN-ACK had to be sent again: that counts as a time-out of the connection, until a time stamp tells otherwise. */
function rememberTimeouts({ loss, tcp }: TcpSock, request: TcpRequestSock): void {
  const since = Math.floor(((tcp.us - request.sentUs) | 0) / 1000);
  loss.totalRto = request.timeouts;
  loss.totalRtoRecoveries = 1;
  loss.totalRtoTime = since;
  loss.undoMarker = request.sndIsn || 1;
  loss.retransPending = true;
  loss.retransStamp = (tcp.ms - since) | 0;
}

/** What the user set on the listener holds for its connections. @kernel net/core/sock.c sk_clone() */
function inheritOptions(sk: TcpSock, listener: TcpSock): void {
  sk.settings = listener.settings;
  sk.rcvbuf = listener.rcvbuf;
  sk.sndbuf = listener.sndbuf;
  sk.userlocks = listener.userlocks & ~SOCK_BINDPORT_LOCK;
  sk.snd.nonagle = listener.snd.nonagle;
  if (listener.pacing !== null) needPacing(sk);
}

function setSequences(sk: TcpSock, request: TcpRequestSock): void {
  const { snd, rcv } = sk;
  const next = (request.rcvIsn + 1) | 0;
  rcv.nxt = rcv.wup = rcv.copiedSeq = next;
  const first = (request.sndIsn + 1) | 0;
  snd.sml = snd.una = snd.nxt = snd.writeSeq = snd.pushedSeq = first;
}

function setNegotiated(sk: TcpSock, request: TcpRequestSock): void {
  const { snd, rcv, opt } = sk;
  rcv.wnd = request.rcvWnd;
  rcv.ssthresh = request.rcvWnd;
  rcv.windowClamp = request.windowClamp;
  opt.mssClamp = request.mss;
  opt.sackOk = request.sackOk ? 1 : 0;
  opt.wscaleOk = request.wscaleOk;
  snd.wscale = request.wscaleOk ? request.sndWscale : 0;
  rcv.wscale = request.wscaleOk ? request.rcvWscale : 0;
  if (!request.wscaleOk) rcv.windowClamp = Math.min(rcv.windowClamp, 65_535);
  opt.tstampOk = request.tstampOk;
  opt.tsOffset = request.tsOffset;
  snd.headerLen = th.LENGTH + (request.tstampOk ? TS_OPTION : 0) + md5Size(sk);
  if (request.tstampOk) {
    opt.tsRecent = request.tsRecent;
    opt.tsRecentStamp = Math.floor(sk.tcp.jiffies / 1000) + 1;
  }
}
