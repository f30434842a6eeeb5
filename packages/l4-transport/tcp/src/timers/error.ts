import { ETIMEDOUT } from '@stack/plugin';
import { TCP_SYN_RECV, TCP_SYN_SENT } from '@stack/sock';
import { tcpDoneWithError } from '../close/done.ts';
import { TCP_RTO_MIN, TCP_TIMEOUT_INIT } from '../constants.ts';
import { TcpExt } from '../mib.ts';
import { tcpRtoMax } from '../rto.ts';
import type { SkBuff } from '@stack/skb';
import { TX_MS } from '../cb.ts';
import type { TcpSock } from '../sock.ts';

/** The peer does not answer: the connection ends. @kernel net/ipv4/tcp_timer.c tcp_write_err() */
export function tcpWriteErr(sk: TcpSock): void {
  tcpDoneWithError(sk, sk.errSoft || ETIMEDOUT);
  sk.tcp.mib.ext[TcpExt.TCPAbortOnTimeout]++;
}

/** How often a socket without a user tries. @kernel net/ipv4/tcp_timer.c tcp_orphan_retries() */
export function tcpOrphanRetries(sk: TcpSock, alive: boolean): number {
  const retries = sk.tcp.sysctl.tcp_orphan_retries;
  if (sk.errSoft !== 0 && !alive) return 0;
  return retries === 0 && alive ? 8 : retries;
}

/** The time that `boundary` retransmissions take, in ms. @kernel net/ipv4/tcp_timer.c tcp_model_timeout() */
function tcpModelTimeout(sk: TcpSock, boundary: number, base: number): number {
  const most = tcpRtoMax(sk);
  const linear = Math.floor(Math.log2(most / base));
  if (boundary <= linear) return (2 * 2 ** boundary - 1) * base;
  return (2 * 2 ** linear - 1) * base + (boundary - linear) * most;
}

/**
 * Whether retransmissions have gone on for as long as `boundary` of them take, or for `timeout` ms if given.
 *
 * @kernel net/ipv4/tcp_timer.c retransmits_timed_out()
 */
export function retransmitsTimedOut(sk: TcpSock, boundary: number, timeout: number): boolean {
  if (sk.rtt.retransmits === 0) return false;
  const opening = sk.state === TCP_SYN_SENT || sk.state === TCP_SYN_RECV;
  const limit = timeout || tcpModelTimeout(sk, boundary, opening ? TCP_TIMEOUT_INIT : TCP_RTO_MIN);
  return ((sk.tcp.ms - sk.loss.retransStamp) | 0) >= limit;
}

/**
 * The peer shrank its window to nothing with data in flight: whether it has been silent for too long. Under
 * TCP_USER_TIMEOUT it does not help the peer that it answers.
 *
 * @kernel net/ipv4/tcp_timer.c tcp_rtx_probe0_timed_out()
 */
export function tcpRtxProbe0TimedOut(sk: TcpSock, head: SkBuff): boolean {
  const { tcp, loss } = sk;
  const { userTimeout } = sk.settings;
  const since = (tcp.ms - (loss.retransPending ? loss.retransStamp : head.cb[TX_MS])) | 0;
  const most = 2 * tcpRtoMax(sk);
  if (userTimeout === 0) return tcp.jiffies - sk.rcvTstamp > most && since > most;
  return since > userTimeout;
}
