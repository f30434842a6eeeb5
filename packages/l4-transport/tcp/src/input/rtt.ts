import { tcpRtoMin, tcpSetRto } from '../rto.ts';
import { after } from '../seq.ts';
import type { RateSample } from '../recovery/rate-sample.ts';
import type { TcpSock } from '../sock.ts';
import { tcpMinRtt } from '../recovery/rate.ts';
import { FLAG_ACK_MAYBE_DELAYED, FLAG_ACKED } from './flags.ts';

/** Smooths a sample (microseconds) into round trip and deviation. @kernel net/ipv4/tcp_input.c tcp_rtt_estimator() @rfc 6298 2 */
export function tcpRttEstimator(sk: TcpSock, sample: number): void {
  const { rtt, snd } = sk;
  const least = tcpRtoMin(sk) * 1000;
  if (rtt.srtt === 0) {
    rtt.srtt = Math.max(1, sample << 3);
    rtt.mdev = sample << 1;
    rtt.rttvar = Math.max(rtt.mdev, least);
    rtt.mdevMax = rtt.rttvar;
    rtt.seq = snd.nxt;
    return;
  }
  let m = sample - (rtt.srtt >> 3);
  rtt.srtt = Math.max(1, rtt.srtt + m);
  if (m < 0) {
    // A sudden drop of the round trip must not raise the deviation as much as a rise.
    m = -m - (rtt.mdev >> 2);
    if (m > 0) m >>= 3;
  } else {
    m -= rtt.mdev >> 2;
  }
  rtt.mdev += m;
  if (rtt.mdev > rtt.mdevMax) {
    rtt.mdevMax = rtt.mdev;
    if (rtt.mdevMax > rtt.rttvar) rtt.rttvar = rtt.mdevMax;
  }
  if (after(snd.una, rtt.seq)) {
    if (rtt.mdevMax < rtt.rttvar) rtt.rttvar -= (rtt.rttvar - rtt.mdevMax) >> 2;
    rtt.seq = snd.nxt;
    rtt.mdevMax = least;
  }
}

/** The smallest round trip of the last minutes: three candidates of falling age. @kernel lib/win_minmax.c minmax_running_min() */
function updateMin(sk: TcpSock, value: number): void {
  const { rtt, tcp } = sk;
  const now = tcp.jiffies;
  const window = tcp.sysctl.tcp_min_rtt_wlen * 1000;
  if (value <= rtt.min0 || now - rtt.min2At > window) {
    rtt.min0 = rtt.min1 = rtt.min2 = value;
    rtt.min0At = rtt.min1At = rtt.min2At = now;
    return;
  }
  if (value <= rtt.min1) {
    rtt.min1 = rtt.min2 = value;
    rtt.min1At = rtt.min2At = now;
  } else if (value <= rtt.min2) {
    rtt.min2 = value;
    rtt.min2At = now;
  }
  ageMin(sk, value, now, window);
}

/** @kernel lib/win_minmax.c minmax_subwin_update() */
function ageMin(sk: TcpSock, value: number, now: number, window: number): void {
  const { rtt } = sk;
  const age = now - rtt.min0At;
  if (age > window) {
    rtt.min0 = rtt.min1;
    rtt.min0At = rtt.min1At;
    rtt.min1 = rtt.min2;
    rtt.min1At = rtt.min2At;
    rtt.min2 = value;
    rtt.min2At = now;
  } else if (rtt.min1At === rtt.min0At && age > window / 4) {
    rtt.min1 = rtt.min2 = value;
    rtt.min1At = rtt.min2At = now;
  } else if (rtt.min2At === rtt.min1At && age > window / 2) {
    rtt.min2 = value;
    rtt.min2At = now;
  }
}

/** Milliseconds since what the peer echoes, in microseconds; -1 when it cannot be. @kernel net/ipv4/tcp_input.c tcp_rtt_tsopt_us() */
function tcpRttTsoptUs(sk: TcpSock): number {
  const delta = (sk.tcp.ms - sk.tcp.heard.ecr) | 0;
  return delta < 0 || delta > 2_000_000 ? -1 : Math.max(delta, 1) * 1000;
}

/**
 * Takes over the round-trip samples of an ACK: from the cumulative ACK, from SACK, else from the time stamp (which
 * alone may sample a retransmission). True when there was one.
 *
 * @kernel net/ipv4/tcp_input.c tcp_ack_update_rtt() @rfc 6298 3
 */
export function tcpAckUpdateRtt(
  sk: TcpSock,
  flag: number,
  seqRtt: number,
  sackRtt: number,
  caRtt: number,
  rs: RateSample,
): boolean {
  const { heard } = sk.tcp;
  let sample = seqRtt < 0 ? sackRtt : seqRtt;
  let ca = caRtt;
  if (sample < 0 && heard.ecr !== 0 && (flag & FLAG_ACKED) !== 0) sample = ca = tcpRttTsoptUs(sk);
  rs.rttUs = ca;
  if (sample < 0) return false;
  if ((flag & FLAG_ACK_MAYBE_DELAYED) === 0 || ca <= tcpMinRtt(sk)) updateMin(sk, ca || 1000);
  tcpRttEstimator(sk, sample);
  tcpSetRto(sk);
  sk.rtt.backoff = 0;
  return true;
}

/** The handshake was the first sample. @kernel net/ipv4/tcp_input.c tcp_synack_rtt_meas() */
export function tcpSynackRttMeas(sk: TcpSock, rttUs: number): void {
  tcpAckUpdateRtt(sk, FLAG_ACKED, rttUs, -1, rttUs, sk.tcp.sample);
}
