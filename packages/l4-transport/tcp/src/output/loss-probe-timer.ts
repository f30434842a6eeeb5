import { ICSK_TIME_LOSS_PROBE, TCP_CA_CWR, TCP_CA_Open, TCP_TIMEOUT_INIT, TCP_TIMEOUT_MIN } from '../constants.ts';
import { tcpPassiveFastopen } from '../fastopen/state.ts';
import { tcpIsReno } from '../flight.ts';
import { tcpResetXmitTimer, tcpRtoDeltaUs, tcpRtoMin } from '../rto.ts';
import type { TcpSock } from '../sock.ts';

/**
 * Arms the timer for a probe after two round trips, in place of the time-out: the last segments of a flight have
 * nothing behind them whose SACK would tell of their loss. False when no probe is due.
 *
 * @kernel net/ipv4/tcp_output.c tcp_schedule_loss_probe() @rfc 8985 7.2
 */
export function tcpScheduleLossProbe(sk: TcpSock, advancingRto: boolean): boolean {
  if (tcpPassiveFastopen(sk)) return false;
  const { snd, rtt, tcp } = sk;
  const mode = tcp.sysctl.tcp_early_retrans;
  if ((mode !== 3 && mode !== 4) || snd.packetsOut === 0 || tcpIsReno(sk)) return false;
  if (sk.cc.state !== TCP_CA_Open && sk.cc.state !== TCP_CA_CWR) return false;
  let timeout = TCP_TIMEOUT_INIT;
  if (rtt.srtt !== 0) {
    // Alone, the peer may delay its ACK.
    const slack = snd.packetsOut === 1 ? tcpRtoMin(sk) : TCP_TIMEOUT_MIN;
    timeout = Math.ceil(((rtt.srtt >>> 2) + slack * 1000) / 1000);
  }
  const rtoUs = advancingRto ? rtt.rto * 1000 : tcpRtoDeltaUs(sk);
  if (rtoUs > 0) timeout = Math.min(timeout, Math.ceil(rtoUs / 1000));
  tcpResetXmitTimer(sk, ICSK_TIME_LOSS_PROBE, timeout);
  return true;
}
