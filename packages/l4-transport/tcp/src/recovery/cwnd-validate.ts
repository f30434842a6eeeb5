import { TCP_CA_Open, TCP_INIT_CWND } from '../constants.ts';
import { CA_EVENT_CWND_RESTART } from '../congestion/ops.ts';
import { tcpCurrentSsthresh, tcpInSlowStart } from '../flight.ts';
import { before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';

/** Whether the window is what limits the sender: only then may it grow. @kernel include/net/tcp.h tcp_is_cwnd_limited() @rfc 7661 4.1 */
export function tcpIsCwndLimited(sk: TcpSock): boolean {
  const { cc } = sk;
  if (cc.isCwndLimited) return true;
  return tcpInSlowStart(sk) && cc.cwnd < 2 * cc.maxPacketsOut;
}

/** Takes note of how much of the window is used. @kernel net/ipv4/tcp_output.c tcp_cwnd_validate() @rfc 2861 */
export function tcpCwndValidate(sk: TcpSock, limited: boolean): void {
  const { cc, snd, tcp } = sk;
  const newRound = !before(snd.una, cc.cwndUsageSeq);
  if (newRound || limited || (!cc.isCwndLimited && snd.packetsOut > cc.maxPacketsOut)) {
    cc.isCwndLimited = limited;
    cc.maxPacketsOut = snd.packetsOut;
    cc.cwndUsageSeq = snd.nxt;
  }
  if (tcpIsCwndLimited(sk)) {
    cc.cwndUsed = 0;
    cc.cwndStamp = tcp.jiffies;
    return;
  }
  if (snd.packetsOut > cc.cwndUsed) cc.cwndUsed = snd.packetsOut;
  if (tcp.sysctl.tcp_slow_start_after_idle && tcp.jiffies - cc.cwndStamp >= sk.rtt.rto) tcpCwndApplicationLimited(sk);
}

/** A window that is not used for a time-out decays towards what is. @kernel net/ipv4/tcp_output.c tcp_cwnd_application_limited() */
function tcpCwndApplicationLimited(sk: TcpSock): void {
  const { cc } = sk;
  if (cc.state === TCP_CA_Open && !sk.noSpace) {
    const used = Math.max(cc.cwndUsed, TCP_INIT_CWND);
    if (used < cc.cwnd) {
      cc.ssthresh = tcpCurrentSsthresh(sk);
      cc.cwnd = (cc.cwnd + used) >> 1;
    }
    cc.cwndUsed = 0;
  }
  cc.cwndStamp = sk.tcp.jiffies;
}

/** After an idle time the window is halved for each time-out passed. @kernel net/ipv4/tcp_output.c tcp_cwnd_restart() @rfc 5681 4.1 */
function tcpCwndRestart(sk: TcpSock, idle: number): void {
  const { cc } = sk;
  let { cwnd } = cc;
  cc.ops.cwndEvent?.(sk, CA_EVENT_CWND_RESTART);
  cc.ssthresh = tcpCurrentSsthresh(sk);
  const restart = Math.min(TCP_INIT_CWND, cwnd);
  for (let left = idle - sk.rtt.rto; left > 0 && cwnd > restart; left -= sk.rtt.rto) cwnd >>= 1;
  cc.cwnd = Math.max(cwnd, restart);
  cc.cwndStamp = sk.tcp.jiffies;
  cc.cwndUsed = 0;
}

/** @kernel include/net/tcp.h tcp_slow_start_after_idle_check() */
export function tcpSlowStartAfterIdleCheck(sk: TcpSock): void {
  if (!sk.tcp.sysctl.tcp_slow_start_after_idle || sk.snd.packetsOut !== 0) return;
  const idle = sk.tcp.jiffies - sk.snd.lsndtime;
  if (idle > sk.rtt.rto) tcpCwndRestart(sk, idle);
}
