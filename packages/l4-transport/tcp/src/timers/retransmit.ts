import type { SkBuff } from '@stack/skb';
import { TCP_ESTABLISHED, TCP_SYN_RECV, TCP_SYN_SENT } from '@stack/sock';
import {
  ICSK_TIME_RETRANS,
  TCP_CA_Disorder,
  TCP_CA_Loss,
  TCP_CA_Recovery,
  TCP_INFINITE_SSTHRESH,
  TCP_RESOURCE_PROBE_INTERVAL,
} from '../constants.ts';
import { tcpFastopenActiveDetectBlackhole } from '../fastopen/blackhole.ts';
import { tcpFastopenSynackTimer } from '../fastopen/synack-timer.ts';
import { TcpExt } from '../mib.ts';
import { tcpMtuBlackHole } from '../mtu/black-hole.ts';
import { tcpRetransmitSkb } from '../output/retransmit.ts';
import { tcpEnterLoss } from '../recovery/enter.ts';
import { tcpUpdateRtoStats } from '../stats/rto-stats.ts';
import { tcpResetXmitTimer, tcpRtoMax, tcpRtoMin, tcpSetRto } from '../rto.ts';
import type { TcpSock } from '../sock.ts';
import { retransmitsTimedOut, tcpOrphanRetries, tcpRtxProbe0TimedOut, tcpWriteErr } from './error.ts';

function isOpening(sk: TcpSock): boolean {
  return sk.state === TCP_SYN_SENT || sk.state === TCP_SYN_RECV;
}

/**
 * The oldest segment was not acknowledged in time: all in flight counts as lost, the oldest is sent again, and the
 * next wait is twice as long.
 *
 * @kernel net/ipv4/tcp_timer.c tcp_retransmit_timer() @rfc 6298 5
 */
export function tcpRetransmitTimer(sk: TcpSock): void {
  const { snd, tcp } = sk;
  const early = sk.fastOpen === null ? null : sk.fastOpen.request;
  if (early !== null) return tcpFastopenSynackTimer(sk, early);
  const head = sk.rtxQueue.first;
  if (snd.packetsOut === 0 || head === null) return;
  if (snd.wnd === 0 && !sk.dead && !isOpening(sk)) {
    windowWasTakenBack(sk, head);
    return;
  }
  tcp.mib.ext[TcpExt.TCPTimeouts]++;
  if (tcpWriteTimeout(sk)) return;
  if (sk.rtt.retransmits === 0) countFailure(sk);
  tcpEnterLoss(sk);
  tcpUpdateRtoStats(sk);
  if (tcpRetransmitSkb(sk, head, 1) > 0) {
    tcpResetXmitTimer(sk, ICSK_TIME_RETRANS, TCP_RESOURCE_PROBE_INTERVAL);
    return;
  }
  backOff(sk);
}

/** What had been tried when the first time-out came. */
function countFailure({ tcp, cc, loss, opt }: TcpSock): void {
  const { ext } = tcp.mib;
  if (cc.state === TCP_CA_Recovery) ext[opt.sackOk ? TcpExt.TCPSackRecoveryFail : TcpExt.TCPRenoRecoveryFail]++;
  else if (cc.state === TCP_CA_Loss) ext[TcpExt.TCPLossFailures]++;
  else if (cc.state === TCP_CA_Disorder || loss.sackedOut > 0)
    ext[opt.sackOk ? TcpExt.TCPSackFailures : TcpExt.TCPRenoFailures]++;
}

/** Time-outs of a thin flow that do not grow. @kernel include/net/tcp.h TCP_THIN_LINEAR_RETRIES */
const TCP_THIN_LINEAR_RETRIES = 6;

/** The first few SYNs go out at an even pace, then ever more slowly. */
function backOff(sk: TcpSock): void {
  const { rtt, tcp } = sk;
  const linear = sk.state === TCP_SYN_SENT && rtt.retransmits <= tcp.sysctl.tcp_syn_linear_timeouts;
  const mayBeThin = sk.settings.thinTimeouts || tcp.sysctl.tcp_thin_linear_timeouts;
  if (mayBeThin && tcpStreamIsThin(sk) && rtt.retransmits <= TCP_THIN_LINEAR_RETRIES) {
    rtt.backoff = 0;
    tcpSetRto(sk);
    rtt.rto = Math.max(rtt.rto, tcpRtoMin(sk));
  } else if (!linear) {
    rtt.backoff++;
    rtt.rto = Math.min(rtt.rto * 2, tcpRtoMax(sk));
  }
  tcpResetXmitTimer(sk, ICSK_TIME_RETRANS, tcpClampRtoToUserTimeout(sk));
}

/** Too few segments for others to tell of a loss. @kernel net/ipv4/tcp_timer.c tcp_stream_is_thin() */
function tcpStreamIsThin(sk: TcpSock): boolean {
  return sk.state === TCP_ESTABLISHED && sk.snd.packetsOut < 4 && sk.cc.ssthresh < TCP_INFINITE_SSTHRESH;
}

/** The peer shrank its window to nothing with data in flight: probe with them, for as long as it answers. */
function windowWasTakenBack(sk: TcpSock, head: SkBuff): void {
  if (tcpRtxProbe0TimedOut(sk, head)) {
    tcpWriteErr(sk);
    return;
  }
  tcpEnterLoss(sk);
  tcpRetransmitSkb(sk, head, 1);
  backOff(sk);
}

/** Whether it is time to give up; then the connection has ended. @kernel net/ipv4/tcp_timer.c tcp_write_timeout() */
function tcpWriteTimeout(sk: TcpSock): boolean {
  const expired = hasExpired(sk);
  if (sk.fastOpen !== null) tcpFastopenActiveDetectBlackhole(sk, expired);
  if (expired) tcpWriteErr(sk);
  else skRethinkTxhash(sk);
  return expired;
}

/** Perhaps it is the path: where packets are spread by their hash, those of this flow take another. @kernel include/net/sock.h sk_rethink_txhash() */
function skRethinkTxhash(sk: TcpSock): void {
  const { loss, tcp } = sk;
  loss.txHash = tcp.random.int32() | 1;
  loss.timeoutRehash++;
  tcp.mib.ext[TcpExt.TcpTimeoutRehash]++;
}

function hasExpired(sk: TcpSock): boolean {
  const { rtt, tcp } = sk;
  const { sysctl } = tcp;
  if (isOpening(sk)) {
    const most = sk.settings.synRetries || sysctl.tcp_syn_retries;
    const linear = sk.state === TCP_SYN_SENT ? sysctl.tcp_syn_linear_timeouts : 0;
    return rtt.retransmits >= most + linear || retransmitsTimedOut(sk, most, sk.settings.userTimeout);
  }
  if (retransmitsTimedOut(sk, sysctl.tcp_retries1, 0)) tcpMtuBlackHole(sk);
  let retries = sysctl.tcp_retries2;
  if (sk.dead) {
    const alive = rtt.rto < tcpRtoMax(sk);
    retries = tcpOrphanRetries(sk, alive);
    if (!alive && !retransmitsTimedOut(sk, retries, 0)) return false;
  }
  return retransmitsTimedOut(sk, retries, sk.settings.userTimeout);
}

/** @kernel net/ipv4/tcp_timer.c tcp_clamp_rto_to_user_timeout() */
function tcpClampRtoToUserTimeout(sk: TcpSock): number {
  const { rto } = sk.rtt;
  const { retransStamp } = sk.loss;
  if (sk.settings.userTimeout === 0) return rto;
  const left = sk.settings.userTimeout - ((sk.tcp.ms - retransStamp) | 0);
  return left <= 0 ? 1 : Math.min(rto, left);
}
