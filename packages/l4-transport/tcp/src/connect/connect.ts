import { RTN_BROADCAST, RTN_MULTICAST } from '@stack/ipv4';
import { ECONNREFUSED, EHOSTUNREACH, EISCONN, ENETUNREACH, ENOBUFS } from '@stack/plugin';
import { tcp as th } from '@stack/skb';
import {
  inetHashConnect,
  lockSock,
  releaseSock,
  skWmemQueuedAdd,
  TCP_CLOSE,
  TCP_ESTABLISHED,
  TCP_SYN_SENT,
} from '@stack/sock';
import { PCOUNT, SEQ } from '../cb.ts';
import { tcpWriteQueuePurge } from '../close/done.ts';
import { tcpSetState } from '../close/set-state.ts';
import { ICSK_TIME_RETRANS, TCP_MSS_DEFAULT, TCP_TIMEOUT_INIT, TS_OPTION } from '../constants.ts';
import { tcpEcnSendSyn } from '../ecn/open.ts';
import { tcpFastopenDeferConnect } from '../fastopen/defer-connect.ts';
import { tcpSendSynData } from '../fastopen/syn-data.ts';
import { tcpFastPathOn } from '../input/fast-path.ts';
import { tcpInitializeRcvMss } from '../input/rcvbuf.ts';
import { Tcp } from '../mib.ts';
import { tcpMtupInit } from '../mtu/state.ts';
import { tcpInitNondataSkb, tcpStreamAllocSkb } from '../output/alloc.ts';
import { md5Size } from '../output/established-options.ts';
import { skSetupCaps, tcpSyncMss } from '../output/mss.ts';
import { tcpTransmitSkb } from '../output/transmit.ts';
import { tcpResetXmitTimer } from '../rto.ts';
import type { TcpSock } from '../sock.ts';
import { resetKeepaliveTimer } from '../timers/arm.ts';
import { keepaliveTimeWhen } from '../timers/keepalive.ts';
import { timewaits } from '../timewait/reuse.ts';
import { tcpFullSpace } from '../win.ts';
import { tcpCaDstInit } from '../congestion/assign.ts';
import { tcpInitTransfer } from './init.ts';
import { clampOfLockedBuffer, tcpSelectInitialWindow } from './initial-window.ts';
import { secureTcpSeq, secureTcpTsOff } from './secure-seq.ts';

const LOOPBACK = 0x7f000001;

/**
 * Begins to connect: sends SYN. 0 (the socket layer tells the user that it is in progress), 1 when the SYN waits for
 * the first data (the user takes it for done), or a negative errno.
 *
 * @kernel net/ipv4/tcp_ipv4.c tcp_v4_connect() @rfc 9293 3.10.1
 */
export function tcpV4Connect(sk: TcpSock, address: number, port: number): number {
  const { boot } = sk.tcp.cpus;
  boot.localBhDisable();
  lockSock(sk);
  const result = connectLocked(sk, address, port);
  releaseSock(sk);
  boot.localBhEnable();
  return result;
}

/** The same, with the socket held. */
export function connectLocked(sk: TcpSock, to: number, port: number): number {
  const { tcp, opt, snd } = sk;
  if (sk.state !== TCP_CLOSE) return -EISCONN;
  const address = to === 0 ? LOOPBACK : to;
  const kind = tcp.ip.addressType(address);
  if (kind === RTN_BROADCAST || kind === RTN_MULTICAST) return -ENETUNREACH;
  tcp.refresh();
  sk.daddr = address;
  sk.dport = port;
  const routed = tcp.ip.routeConnect(sk);
  if (routed < 0) return giveBack(sk, routed);
  if (sk.rcvSaddr === 0) sk.rcvSaddr = sk.saddr;
  opt.mssClamp = TCP_MSS_DEFAULT;
  tcpSetState(sk, TCP_SYN_SENT);
  const entered = inetHashConnect(tcp.hashinfo, sk, timewaits);
  if (entered < 0) {
    tcpSetState(sk, TCP_CLOSE);
    return giveBack(sk, entered);
  }
  skSetupCaps(sk);
  if (snd.writeSeq === 0) snd.writeSeq = secureTcpSeq(tcp, sk.saddr, sk.daddr, sk.sport, sk.dport);
  opt.tsOffset = secureTcpTsOff(tcp, sk.saddr, sk.daddr);
  sk.inetId = tcp.random.int32() & 0xffff;
  if (tcpFastopenDeferConnect(sk)) return 1;
  const result = tcpConnect(sk);
  if (sk.fastOpen !== null) sk.fastOpen.active = null;
  if (result === 0) return 0;
  tcpSetState(sk, TCP_CLOSE);
  return giveBack(sk, result);
}

function giveBack(sk: TcpSock, err: number): number {
  sk.dstCache = null;
  sk.daddr = 0;
  sk.dport = 0;
  return err;
}

/** @kernel net/ipv4/tcp_output.c tcp_connect_init() */
function tcpConnectInit(sk: TcpSock): void {
  const { tcp, snd, rcv, opt, rtt } = sk;
  const route = sk.dstCache!;
  snd.headerLen = th.LENGTH + (tcp.sysctl.tcp_timestamps ? TS_OPTION : 0);
  snd.headerLen += md5Size(sk);
  if (sk.settings.userMss !== 0) opt.mssClamp = sk.settings.userMss;
  snd.maxWnd = 0;
  tcpMtupInit(sk);
  tcpSyncMss(sk, route.mtu());
  rcv.advmss = sk.settings.userMss !== 0 ? Math.min(sk.settings.userMss, route.advmss()) : route.advmss();
  const mss = rcv.advmss - (opt.tsRecentStamp !== 0 ? snd.headerLen - th.LENGTH : 0);
  const { window = 0, initrwnd = 0 } = route.metrics;
  if (rcv.windowClamp === 0) rcv.windowClamp = window;
  rcv.windowClamp = clampOfLockedBuffer(sk, rcv.windowClamp);
  tcpInitializeRcvMss(sk);
  const scale = tcp.sysctl.tcp_window_scaling;
  const first = tcpSelectInitialWindow(tcp, tcpFullSpace(sk), mss, rcv.windowClamp, scale, initrwnd);
  tcpCaDstInit(sk);
  rcv.wnd = first.wnd;
  rcv.windowClamp = first.clamp;
  rcv.wscale = first.wscale;
  rcv.ssthresh = rcv.wnd;
  sk.err = 0;
  sk.done = false;
  snd.wnd = 0;
  snd.wl1 = 0;
  tcpWriteQueuePurge(sk);
  snd.una = snd.sml = snd.nxt = snd.writeSeq;
  rcv.wup = rcv.copiedSeq = rcv.nxt;
  rtt.rto = TCP_TIMEOUT_INIT;
  rtt.retransmits = 0;
}

/** Sends SYN and waits for the answer. 0 or a negative errno. @kernel net/ipv4/tcp_output.c tcp_connect() */
export function tcpConnect(sk: TcpSock): number {
  const { tcp, snd } = sk;
  if (sk.dstCache === null) return -EHOSTUNREACH;
  tcpConnectInit(sk);
  const skb = tcpStreamAllocSkb(tcp);
  if (skb === null) return -ENOBUFS;
  tcpInitNondataSkb(skb, snd.writeSeq, th.SYN, 1);
  tcpEcnSendSyn(sk, skb);
  tcp.refresh();
  sk.loss.synSentMs = sk.loss.retransStamp = tcp.ms;
  sk.loss.retransPending = true;
  snd.writeSeq = (snd.writeSeq + 1) | 0;
  skWmemQueuedAdd(sk, skb.truesize);
  sk.rtxQueue.push(skb);
  snd.packetsOut += skb.cb[PCOUNT];
  const { fastOpen } = sk;
  const err =
    fastOpen === null || fastOpen.active === null ? tcpTransmitSkb(sk, skb, true) : tcpSendSynData(sk, skb, fastOpen);
  if (err === -ECONNREFUSED) return err;
  // Data that could not go with the SYN wait behind it.
  snd.nxt = snd.pushedSeq = sk.writeQueue.first?.cb[SEQ] ?? snd.writeSeq;
  tcp.mib.tcp[Tcp.ActiveOpens]++;
  tcpResetXmitTimer(sk, ICSK_TIME_RETRANS, sk.rtt.rto);
  return 0;
}

/** SYN-ACK came: the connection stands. @kernel net/ipv4/tcp_input.c tcp_finish_connect() */
export function tcpFinishConnect(sk: TcpSock): void {
  const { tcp, snd } = sk;
  tcpSetState(sk, TCP_ESTABLISHED);
  sk.ack.lrcvtime = tcp.jiffies;
  tcpInitTransfer(sk);
  snd.lsndtime = tcp.jiffies;
  if (sk.settings.keepOpen) resetKeepaliveTimer(sk, keepaliveTimeWhen(sk));
  if (snd.wscale === 0) tcpFastPathOn(sk);
  else sk.predFlags = 0;
}
