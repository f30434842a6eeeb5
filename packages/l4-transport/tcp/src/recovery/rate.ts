import type { SkBuff } from '@stack/skb';
import {
  DELIVERED,
  DELIVERED_US,
  FIRST_US,
  SACKED,
  TCPCB_RETRANS,
  TX_BITS,
  TX_US,
  TXF_APP_LIMITED,
  END_SEQ,
} from '../cb.ts';
import { tcpPacketsInFlight } from '../flight.ts';
import { after } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import type { RateSample } from './rate-sample.ts';

/** Notes in the buffer how much had been delivered when it is sent. @kernel net/ipv4/tcp_rate.c tcp_rate_skb_sent() */
export function tcpRateSkbSent(sk: TcpSock, skb: SkBuff): void {
  const { cc, rate } = sk;
  const { cb } = skb;
  if (sk.snd.packetsOut === 0) {
    rate.firstTxUs = cb[TX_US];
    rate.deliveredUs = cb[TX_US];
  }
  cb[FIRST_US] = rate.firstTxUs;
  cb[DELIVERED_US] = rate.deliveredUs;
  cb[DELIVERED] = cc.delivered;
  if (rate.appLimited !== 0) cb[TX_BITS] |= TXF_APP_LIMITED;
  else cb[TX_BITS] &= ~TXF_APP_LIMITED;
}

/** A buffer was delivered: of all in one ACK the one sent last counts. @kernel net/ipv4/tcp_rate.c tcp_rate_skb_delivered() */
export function tcpRateSkbDelivered(sk: TcpSock, skb: SkBuff, rs: RateSample): void {
  const { cb } = skb;
  if (cb[DELIVERED_US] === 0) return; // it was SACKed before, and counted then
  if (rs.hasPrior && ((cb[DELIVERED] - rs.priorDelivered) | 0) < 0) return;
  if (rs.hasPrior && cb[DELIVERED] === rs.priorDelivered && !after(cb[END_SEQ], rs.lastEndSeq)) return;
  const { rate } = sk;
  rs.hasPrior = true;
  rs.priorDelivered = cb[DELIVERED];
  rs.priorUs = cb[DELIVERED_US];
  rs.isAppLimited = (cb[TX_BITS] & TXF_APP_LIMITED) !== 0;
  rs.isRetrans = (cb[SACKED] & TCPCB_RETRANS) !== 0;
  rs.lastEndSeq = cb[END_SEQ];
  rate.firstTxUs = cb[TX_US];
  rs.sendIntervalUs = (rate.firstTxUs - cb[FIRST_US]) | 0;
}

/** Makes the delivery rate of one ACK out of what was gathered. @kernel net/ipv4/tcp_rate.c tcp_rate_gen() */
export function tcpRateGen(sk: TcpSock, delivered: number, lost: number, rs: RateSample): void {
  const { cc, tcp, rate } = sk;
  if (rate.appLimited !== 0 && ((cc.delivered - rate.appLimited) | 0) > 0) rate.appLimited = 0;
  if (delivered > 0) rate.deliveredUs = tcp.us;
  rs.ackedSacked = delivered;
  rs.losses = lost;
  if (!rs.hasPrior) {
    rs.delivered = -1;
    rs.intervalUs = -1;
    return;
  }
  rs.delivered = cc.delivered - rs.priorDelivered;
  const ackUs = (tcp.us - rs.priorUs) | 0;
  rs.intervalUs = Math.max(rs.sendIntervalUs, ackUs);
  if (rs.intervalUs < tcpMinRtt(sk)) {
    rs.intervalUs = -1;
    return;
  }
  if (!rs.isAppLimited || rs.delivered * rate.rateIntervalUs >= rate.rateDelivered * rs.intervalUs) {
    rate.rateAppLimited = rs.isAppLimited;
    rate.rateDelivered = rs.delivered;
    rate.rateIntervalUs = rs.intervalUs;
  }
}

/** The window is not full for want of data: such samples say little. @kernel net/ipv4/tcp_rate.c tcp_rate_check_app_limited() */
export function tcpRateCheckAppLimited(sk: TcpSock): void {
  const { cc, snd, loss, rate } = sk;
  const unsent = (snd.writeSeq - snd.nxt) | 0;
  if (unsent >= snd.mss || sk.wmemAlloc > 1024 || tcpPacketsInFlight(sk) >= cc.cwnd || loss.lostOut > loss.retransOut)
    return;
  rate.appLimited = (cc.delivered + tcpPacketsInFlight(sk)) | 0 || 1;
}

/** Smallest round trip of late, in microseconds; 2^31 - 1 when not known. @kernel include/net/tcp.h tcp_min_rtt() */
export function tcpMinRtt(sk: TcpSock): number {
  return sk.rtt.min0;
}
