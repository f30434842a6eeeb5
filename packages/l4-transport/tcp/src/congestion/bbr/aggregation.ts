import type { RateSample } from '../../recovery/rate-sample.ts';
import type { TcpSock } from '../../sock.ts';
import type { BbrState } from './bbr-state.ts';

const WINDOW_ROUNDS = 5;
const MOST_ACKED = 0xfffff;
/** No more than what comes in so many microseconds. */
const MOST_US = 100_000;

/** Measures how many segments more are acknowledged at once than the bandwidth explains: Wi-Fi and others gather ACKs. @kernel net/ipv4/tcp_bbr.c bbr_update_ack_aggregation() */
export function bbrUpdateAckAggregation(sk: TcpSock, bbr: BbrState, rs: RateSample): void {
  if (rs.ackedSacked <= 0 || rs.delivered < 0 || rs.intervalUs <= 0) return;
  if (bbr.roundStart && ++bbr.extraRounds >= WINDOW_ROUNDS) {
    bbr.extraRounds = 0;
    bbr.extraIndex = 1 - bbr.extraIndex;
    if (bbr.extraIndex === 0) bbr.extra0 = 0;
    else bbr.extra1 = 0;
  }
  let expected = Math.floor(bbr.bw * ((sk.rate.deliveredUs - bbr.epochUs) | 0));
  if (bbr.epochAcked <= expected || bbr.epochAcked + rs.ackedSacked > MOST_ACKED) {
    bbr.epochAcked = 0;
    bbr.epochUs = sk.rate.deliveredUs;
    expected = 0;
  }
  bbr.epochAcked = Math.min(MOST_ACKED, bbr.epochAcked + rs.ackedSacked);
  const extra = Math.min(bbr.epochAcked - expected, sk.cc.cwnd);
  if (bbr.extraIndex === 0) bbr.extra0 = Math.max(bbr.extra0, extra);
  else bbr.extra1 = Math.max(bbr.extra1, extra);
}

/** Segments of window for that. @kernel net/ipv4/tcp_bbr.c bbr_ack_aggregation_cwnd() */
export function bbrAckAggregationCwnd(bbr: BbrState): number {
  if (!bbr.fullBwReached) return 0;
  return Math.min(Math.max(bbr.extra0, bbr.extra1), Math.floor(bbr.bw * MOST_US));
}
