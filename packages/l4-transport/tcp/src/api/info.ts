import { TCP_LISTEN } from '@stack/sock';
import { tcpDelackMax } from '../rto.ts';
import { pacingRate } from '../pacing/pace.ts';
import { tcpMinRtt } from '../recovery/rate.ts';
import type { TcpSock } from '../sock.ts';
import { tcpChronoStats } from '../stats/chrono.ts';
import { accurateInfo } from './info-ecn.ts';
import { tcpInfoOptions } from './info-options.ts';
import type { TcpInfo } from './tcp-info.ts';

const MS = 1000;
const UNKNOWN_RTT = 0x7fffffff;
/** What the structure says where there is no limit, and where a round trip is not known. */
const NO_LIMIT = Number.POSITIVE_INFINITY;
const NO_RTT = 0xffffffff;

/** @kernel net/ipv4/tcp.c tcp_get_info() */
export function tcpGetInfo(sk: TcpSock): TcpInfo {
  const { cc, rtt } = sk;
  return {
    state: sk.state,
    caState: cc.state,
    retransmits: rtt.retransmits,
    probes: sk.probesOut,
    backoff: rtt.backoff,
    ...tcpInfoOptions(sk),
    ...sizesAndTimes(sk),
    ...flight(sk),
    ...amounts(sk),
    ...waits(sk),
    ...accurateInfo(sk),
  };
}

function rateOrNoLimit(rate: number): number {
  return rate === Number.MAX_SAFE_INTEGER ? NO_LIMIT : rate;
}

function sizesAndTimes(sk: TcpSock) {
  const { snd, rcv, rtt, cc, ack, opt } = sk;
  const now = Math.floor(sk.tcp.clock.now() / 1e6);
  const least = tcpMinRtt(sk);
  return {
    sndWscale: opt.wscaleOk ? snd.wscale : 0,
    rcvWscale: opt.wscaleOk ? rcv.wscale : 0,
    rto: rtt.rto * MS,
    ato: Math.min(ack.ato, tcpDelackMax(sk)) * MS,
    sndMss: snd.mss,
    rcvMss: rcv.mss,
    lastDataSent: now - snd.lsndtime,
    lastDataRecv: now - ack.lrcvtime,
    lastAckRecv: now - sk.rcvTstamp,
    pmtu: snd.pmtu,
    rcvSsthresh: rcv.ssthresh,
    rtt: rtt.srtt >>> 3,
    rttvar: rtt.mdev >>> 2,
    minRtt: least === UNKNOWN_RTT ? NO_RTT : least,
    sndSsthresh: cc.ssthresh,
    sndCwnd: cc.cwnd,
    advmss: rcv.advmss,
    reordering: cc.reordering,
    rcvRtt: sk.rcvRtt.us >>> 3,
    rcvSpace: rcv.spaceSpace,
    pacingRate: rateOrNoLimit(pacingRate(sk)),
    maxPacingRate: rateOrNoLimit(sk.settings.maxPacingRate),
    sndWnd: snd.wnd,
    rcvWnd: sk.rcv.wnd,
  };
}

function flight(sk: TcpSock) {
  const { snd, requests } = sk;
  const loss = sk.lossSeen;
  const listens = sk.state === TCP_LISTEN && requests !== null;
  return {
    unacked: listens ? requests.acceptLength : snd.packetsOut,
    sacked: listens ? requests.backlog : loss.sackedOut,
    lost: loss.lostOut,
    retrans: loss.retransOut,
    notsentBytes: Math.max((snd.writeSeq - snd.nxt) | 0, 0),
    ...deliveryRate(sk),
  };
}

/** @kernel net/ipv4/tcp.c tcp_compute_delivery_rate() */
function deliveryRate(sk: TcpSock) {
  const { rateDelivered, rateIntervalUs, rateAppLimited } = sk.lossSeen.rate;
  const known = rateDelivered > 0 && rateIntervalUs > 0;
  return {
    deliveryRate: known ? Math.floor((rateDelivered * sk.snd.mss * 1e6) / rateIntervalUs) : 0,
    deliveryRateAppLimited: rateAppLimited,
  };
}

function amounts(sk: TcpSock) {
  const { snd, rcv, cc, disorder } = sk;
  const { rate, ...loss } = sk.lossSeen;
  return {
    bytesAcked: snd.bytesAcked,
    bytesReceived: rcv.bytesReceived,
    segsOut: snd.segsOut,
    segsIn: rcv.segsIn,
    dataSegsIn: rcv.dataSegsIn,
    dataSegsOut: rate.dataSegsOut,
    bytesSent: rate.bytesSent,
    bytesRetrans: loss.bytesRetrans,
    totalRetrans: cc.totalRetrans,
    delivered: cc.delivered,
    dsackDups: loss.dsackDups,
    reordSeen: loss.reordSeen,
    rcvOooPack: disorder === null ? 0 : disorder.rcvOooPack,
    rehash: loss.timeoutRehash,
    totalRto: loss.totalRto,
    totalRtoRecoveries: loss.totalRtoRecoveries,
  };
}

function waits(sk: TcpSock) {
  const { totalRtoTime, rtoSince } = sk.lossSeen;
  const { busy, rwnd, sndbuf } = tcpChronoStats(sk);
  const running = rtoSince === 0 ? 0 : Math.floor(sk.tcp.clock.now() / 1e6) - rtoSince;
  return {
    busyTime: busy * MS,
    rwndLimited: rwnd * MS,
    sndbufLimited: sndbuf * MS,
    totalRtoTime: totalRtoTime + running,
  };
}
