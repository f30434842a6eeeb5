import { inetEhashReplace, inetHandOverPort, inetPutPort, inetUnhash, TCP_TIME_WAIT } from '@stack/sock';
import { TCP_TIMEWAIT_LEN } from '../constants.ts';
import { tcpDone } from '../close/done.ts';
import { tcpEcnFieldOfAck } from '../ecn/send.ts';
import { tcpMd5Lookup } from '../md5/keys.ts';
import { tcpUpdateMetrics } from '../metrics/update.ts';
import { TcpExt } from '../mib.ts';
import type { TcpSock } from '../sock.ts';
import { tcpReceiveWindow } from '../win.ts';
import { TcpTimewaitSock } from './timewait-sock.ts';

function onTimewaitTimer(this: TcpTimewaitSock): void {
  inetTwskKill(this);
}

/** The time is over. @kernel net/ipv4/inet_timewait_sock.c inet_twsk_kill() */
export function inetTwskKill(tw: TcpTimewaitSock): void {
  const { hashinfo } = tw.tcp;
  tw.cancel();
  inetUnhash(hashinfo, tw, false);
  inetPutPort(hashinfo, tw);
  tw.dst = null;
  tw.tcp.timewaits--;
}

/** Gives way to a new connection, which has taken its place in the table. @kernel net/ipv4/inet_timewait_sock.c inet_twsk_deschedule_put() */
export function inetTwskDeschedulePut(tw: TcpTimewaitSock): void {
  inetTwskKill(tw);
}

/** What ends within four seconds counts as killed. */
const TCP_TIMEWAIT_SHORT = 4000;

/** @kernel include/net/inet_timewait_sock.h inet_twsk_schedule() */
function inetTwskSchedule(tw: TcpTimewaitSock, timeout: number): void {
  tw.tcp.mib.ext[timeout <= TCP_TIMEWAIT_SHORT ? TcpExt.TWKilled : TcpExt.TW]++;
  inetTwskReschedule(tw, timeout);
}

/** Starts the time anew. @kernel include/net/inet_timewait_sock.h inet_twsk_reschedule() */
export function inetTwskReschedule(tw: TcpTimewaitSock, timeout: number): void {
  tw.mod(tw.tcp.jiffies + timeout);
}

/**
 * Puts a small object in the place of the socket, in state TIME_WAIT or (with `substate`) FIN_WAIT2, for `timeout`
 * jiffies, and ends the socket.
 *
 * @kernel net/ipv4/tcp_minisocks.c tcp_time_wait() @rfc 9293 3.6.1
 */
export function tcpTimeWait(sk: TcpSock, substate: number, timeout: number): void {
  const { tcp } = sk;
  if (tcp.timewaits >= tcp.sysctl.tcp_max_tw_buckets) {
    tcp.mib.ext[TcpExt.TCPTimeWaitOverflow]++;
  } else {
    const tw = timewaitOf(sk, substate);
    tcp.timewaits++;
    inetHandOverPort(sk, tw);
    inetEhashReplace(tcp.hashinfo, sk, tw);
    const rto = (sk.rtt.rto << 2) - (sk.rtt.rto >> 1);
    inetTwskSchedule(tw, substate === TCP_TIME_WAIT ? TCP_TIMEWAIT_LEN : Math.max(timeout, rto));
  }
  tcpUpdateMetrics(sk);
  tcpDone(sk);
}

function timewaitOf(sk: TcpSock, substate: number): TcpTimewaitSock {
  const tw = new TcpTimewaitSock(sk.tcp, sk.tcp.wheel, onTimewaitTimer);
  tw.substate = substate;
  tw.entered = sk.tcp.jiffies;
  tw.rcvSaddr = sk.rcvSaddr;
  tw.daddr = sk.daddr;
  tw.boundPort = sk.boundPort;
  tw.dport = sk.dport;
  tw.boundDevIf = sk.boundDevIf;
  tw.reuse = sk.reuse;
  tw.reuseport = sk.reuseport;
  tw.tos = sk.settings.tos | tcpEcnFieldOfAck(sk);
  tw.md5Key = tcpMd5Lookup(sk, sk.daddr);
  tw.rcvNxt = sk.rcv.nxt;
  tw.sndNxt = sk.snd.nxt;
  tw.rcvWnd = tcpReceiveWindow(sk);
  tw.rcvWscale = sk.rcv.wscale;
  tw.tsOffset = sk.opt.tsOffset;
  tw.tsRecent = sk.opt.tsRecent;
  tw.tsRecentStamp = sk.opt.tsRecentStamp;
  tw.dst = sk.dstCache;
  return tw;
}
