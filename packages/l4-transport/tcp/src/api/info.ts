import { tcpIsReno } from '../flight.ts';
import { tcpMinRtt } from '../recovery/rate.ts';
import type { TcpSock } from '../sock.ts';
import { tcpReceiveWindow } from '../win.ts';

/** What TCP knows of a connection. Times in microseconds unless said otherwise, windows in segments. @kernel include/uapi/linux/tcp.h struct tcp_info */
export interface TcpInfo {
  state: number;
  caState: number;
  retransmits: number;
  probes: number;
  backoff: number;
  timestamps: boolean;
  sack: boolean;
  sndWscale: number;
  rcvWscale: number;
  rto: number;
  ato: number;
  sndMss: number;
  rcvMss: number;
  unacked: number;
  sacked: number;
  lost: number;
  retrans: number;
  pmtu: number;
  rcvSsthresh: number;
  rtt: number;
  rttvar: number;
  sndSsthresh: number;
  sndCwnd: number;
  advmss: number;
  reordering: number;
  rcvRtt: number;
  rcvSpace: number;
  totalRetrans: number;
  /** Bytes a second. */
  pacingRate: number;
  bytesAcked: number;
  bytesReceived: number;
  segsOut: number;
  segsIn: number;
  notsentBytes: number;
  minRtt: number;
  dataSegsIn: number;
  dataSegsOut: number;
  delivered: number;
  bytesSent: number;
  bytesRetrans: number;
  reordSeen: number;
  /** Bytes. */
  sndWnd: number;
  rcvWnd: number;
}

/** @kernel net/ipv4/tcp.c tcp_get_info() */
export function tcpGetInfo(sk: TcpSock): TcpInfo {
  const { snd, rcv, rtt, cc, opt, ack, loss } = sk;
  return {
    state: sk.state,
    caState: cc.state,
    retransmits: rtt.retransmits,
    probes: sk.probesOut,
    backoff: rtt.backoff,
    timestamps: opt.tstampOk,
    sack: !tcpIsReno(sk),
    sndWscale: opt.wscaleOk ? snd.wscale : 0,
    rcvWscale: opt.wscaleOk ? rcv.wscale : 0,
    rto: rtt.rto * 1000,
    ato: ack.ato * 1000,
    sndMss: snd.mss,
    rcvMss: rcv.mss,
    unacked: snd.packetsOut,
    sacked: loss.sackedOut,
    lost: loss.lostOut,
    retrans: loss.retransOut,
    pmtu: snd.pmtu,
    rcvSsthresh: rcv.ssthresh,
    rtt: rtt.srtt >>> 3,
    rttvar: rtt.mdev >>> 2,
    sndSsthresh: cc.ssthresh,
    sndCwnd: cc.cwnd,
    advmss: rcv.advmss,
    reordering: cc.reordering,
    rcvRtt: sk.rcvRtt.us >>> 3,
    rcvSpace: rcv.spaceSpace,
    totalRetrans: cc.totalRetrans,
    pacingRate: cc.pacingRate,
    bytesAcked: snd.bytesAcked,
    bytesReceived: rcv.bytesReceived,
    segsOut: snd.segsOut,
    segsIn: rcv.segsIn,
    notsentBytes: Math.max((snd.writeSeq - snd.nxt) | 0, 0),
    minRtt: tcpMinRtt(sk),
    dataSegsIn: rcv.dataSegsIn,
    dataSegsOut: sk.rate.dataSegsOut,
    delivered: cc.delivered,
    bytesSent: sk.rate.bytesSent,
    bytesRetrans: sk.loss.bytesRetrans,
    reordSeen: loss.reordSeen,
    sndWnd: snd.wnd,
    rcvWnd: tcpReceiveWindow(sk),
  };
}
