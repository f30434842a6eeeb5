import { TCP_CLOSE, TCP_FIN_WAIT2, TCP_LISTEN, TCP_SYN_SENT } from '@stack/sock';
import { tcpFinTime } from '../close/close.ts';
import { tcpDone } from '../close/done.ts';
import { HZ_SECOND, TCP_RESOURCE_PROBE_INTERVAL, TCP_TIMEWAIT_LEN } from '../constants.ts';
import { TcpExt } from '../mib.ts';
import { tcpWriteWakeup } from '../output/probe.ts';
import { tcpSendActiveReset } from '../output/send-fin.ts';
import type { TcpSock } from '../sock.ts';
import { tcpTimeWait } from '../timewait/time-wait.ts';
import { resetKeepaliveTimer } from './arm.ts';
import { tcpWriteErr } from './error.ts';

/** Jiffies of silence before the first probe. @kernel include/net/tcp.h keepalive_time_when() */
export function keepaliveTimeWhen(sk: TcpSock): number {
  return sk.settings.keepaliveTime || sk.tcp.sysctl.tcp_keepalive_time * HZ_SECOND;
}

/** Also ends FIN_WAIT2 of a socket without a user. @kernel net/ipv4/tcp_timer.c tcp_keepalive_timer() @rfc 1122 4.2.3.6 */
export function tcpKeepaliveTimer(sk: TcpSock): void {
  const { tcp } = sk;
  if (sk.ownedByUser) {
    resetKeepaliveTimer(sk, HZ_SECOND / 20);
    return;
  }
  tcp.refresh();
  if (sk.state === TCP_FIN_WAIT2 && sk.dead) {
    endFinWait2(sk);
    return;
  }
  if (!sk.settings.keepOpen || sk.state === TCP_CLOSE || sk.state === TCP_SYN_SENT || sk.state === TCP_LISTEN) return;
  const when = keepaliveTimeWhen(sk);
  if (sk.snd.packetsOut > 0 || sk.hasUnsent) {
    resetKeepaliveTimer(sk, when);
    return;
  }
  const idle = tcp.jiffies - Math.max(sk.ack.lrcvtime, sk.rcvTstamp);
  if (idle < when) resetKeepaliveTimer(sk, when - idle);
  else probe(sk, idle);
}

function probe(sk: TcpSock, idle: number): void {
  const { sysctl } = sk.tcp;
  const probes = sk.settings.keepaliveProbes || sysctl.tcp_keepalive_probes;
  const gone =
    sk.settings.userTimeout !== 0 ? idle >= sk.settings.userTimeout && sk.probesOut > 0 : sk.probesOut >= probes;
  if (gone) {
    tcpSendActiveReset(sk);
    tcpWriteErr(sk);
    return;
  }
  const sent = tcpWriteWakeup(sk, TcpExt.TCPKeepAlive) <= 0;
  if (sent) sk.probesOut++;
  resetKeepaliveTimer(
    sk,
    sent ? sk.settings.keepaliveIntvl || sysctl.tcp_keepalive_intvl * HZ_SECOND : TCP_RESOURCE_PROBE_INTERVAL,
  );
}

function endFinWait2(sk: TcpSock): void {
  const left = tcpFinTime(sk) - TCP_TIMEWAIT_LEN;
  if (sk.settings.linger2 >= 0 && left > 0) {
    tcpTimeWait(sk, TCP_FIN_WAIT2, left);
    return;
  }
  tcpSendActiveReset(sk);
  tcpDone(sk);
}

/** SO_KEEPALIVE was set or cleared. 0. @kernel net/ipv4/tcp_timer.c tcp_set_keepalive() */
export function tcpSetKeepalive(sk: TcpSock, on: boolean): number {
  if (sk.state === TCP_CLOSE || sk.state === TCP_LISTEN) return 0;
  if (!on) sk.keepTimer?.cancel();
  else if (sk.keepTimer?.pending !== true) {
    sk.tcp.refresh();
    resetKeepaliveTimer(sk, keepaliveTimeWhen(sk));
  }
  return 0;
}
