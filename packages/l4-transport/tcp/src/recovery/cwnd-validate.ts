import { TCP_CLOSE_WAIT, TCP_ESTABLISHED } from '@stack/sock';
import { TCP_CA_Open } from '../constants.ts';
import { CA_EVENT_CWND_RESTART } from '../congestion/ops.ts';
import { tcpCurrentSsthresh, tcpInSlowStart } from '../flight.ts';
import { tcpInitCwnd } from '../connect/init-cwnd.ts';
import { CHRONO_SNDBUF_LIMITED, tcpChronoStart } from '../stats/chrono.ts';
import { before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';

/** Whether the window is what limits the sender: only then may it grow. @kernel include/net/tcp.h tcp_is_cwnd_limited() @rfc 7661 4.1 */
export function tcpIsCwndLimited(sk: TcpSock): boolean {
  const { cc, rate } = sk;
  if (rate.isCwndLimited) return true;
  return tcpInSlowStart(sk) && cc.cwnd < 2 * rate.maxPacketsOut;
}

/** Takes note of how much of the window is used. @kernel net/ipv4/tcp_output.c tcp_cwnd_validate() @rfc 2861 */
export function tcpCwndValidate(sk: TcpSock, limited: boolean): void {
  const { cc, snd, tcp, rate } = sk;
  const newRound = !before(snd.una, rate.cwndUsageSeq);
  if (newRound || limited || (!rate.isCwndLimited && snd.packetsOut > rate.maxPacketsOut)) {
    rate.isCwndLimited = limited;
    rate.maxPacketsOut = snd.packetsOut;
    rate.cwndUsageSeq = snd.nxt;
  }
  if (tcpIsCwndLimited(sk)) {
    rate.cwndUsed = 0;
    cc.cwndStamp = tcp.jiffies;
    return;
  }
  if (snd.packetsOut > rate.cwndUsed) rate.cwndUsed = snd.packetsOut;
  // All is sent, and the writer waits for room: the buffer is too small.
  if (sk.noSpace && !sk.hasUnsent && (sk.state === TCP_ESTABLISHED || sk.state === TCP_CLOSE_WAIT))
    tcpChronoStart(sk, CHRONO_SNDBUF_LIMITED);
  if (!tcp.sysctl.tcp_slow_start_after_idle || cc.ops.congControl !== undefined) return;
  if (tcp.jiffies - cc.cwndStamp >= sk.rtt.rto) tcpCwndApplicationLimited(sk);
}

/** A window that is not used for a time-out decays towards what is. @kernel net/ipv4/tcp_output.c tcp_cwnd_application_limited() */
function tcpCwndApplicationLimited(sk: TcpSock): void {
  const { cc, rate } = sk;
  if (cc.state === TCP_CA_Open && !sk.noSpace) {
    const used = Math.max(rate.cwndUsed, tcpInitCwnd(sk));
    if (used < cc.cwnd) {
      cc.ssthresh = tcpCurrentSsthresh(sk);
      cc.cwnd = (cc.cwnd + used) >> 1;
    }
    rate.cwndUsed = 0;
  }
  cc.cwndStamp = sk.tcp.jiffies;
}

/** After an idle time the window is halved for each time-out passed. @kernel net/ipv4/tcp_output.c tcp_cwnd_restart() @rfc 5681 4.1 */
function tcpCwndRestart(sk: TcpSock, idle: number): void {
  const { cc, rate } = sk;
  let { cwnd } = cc;
  cc.ops.cwndEvent?.(sk, CA_EVENT_CWND_RESTART);
  cc.ssthresh = tcpCurrentSsthresh(sk);
  const restart = Math.min(tcpInitCwnd(sk), cwnd);
  for (let left = idle - sk.rtt.rto; left > 0 && cwnd > restart; left -= sk.rtt.rto) cwnd >>= 1;
  cc.cwnd = Math.max(cwnd, restart);
  cc.cwndStamp = sk.tcp.jiffies;
  rate.cwndUsed = 0;
}

/** @kernel include/net/tcp.h tcp_slow_start_after_idle_check() */
export function tcpSlowStartAfterIdleCheck(sk: TcpSock): void {
  if (!sk.tcp.sysctl.tcp_slow_start_after_idle || sk.snd.packetsOut !== 0) return;
  if (sk.cc.ops.congControl !== undefined) return;
  const idle = sk.tcp.jiffies - sk.snd.lsndtime;
  if (idle > sk.rtt.rto) tcpCwndRestart(sk, idle);
}
