import { PCOUNT } from '../cb.ts';
import { ICSK_TIME_NONE, ICSK_TIME_RETRANS, TCP_CA_Recovery, TCP_NAGLE_OFF } from '../constants.ts';
import { tcpPacketsInFlight } from '../flight.ts';
import { TcpExt } from '../mib.ts';
import { tcpFragment } from '../output/fragment.ts';
import { tcpSndWndTest } from '../output/may-send.ts';
import { tcpCurrentMss } from '../output/mss.ts';
import { __tcpRetransmitSkb, skbStillInHostQueue, tcpXmitRetransmitQueue } from '../output/retransmit.ts';
import { PUSH_PROBE, tcpWriteXmit } from '../output/write-xmit.ts';
import { tcpCwndReduction } from '../recovery/cwr.ts';
import { tcpEnterRecovery } from '../recovery/enter.ts';
import { tcpRackDetectLoss } from '../recovery/rack.ts';
import { tcpRearmRto } from '../recovery/rearm.ts';
import type { TcpSock } from '../sock.ts';

/**
 * Two round trips without an ACK: one more segment, new or the last one again, whose SACK tells what was lost.
 *
 * @kernel net/ipv4/tcp_output.c tcp_send_loss_probe() @rfc 8985 7.3
 */
export function tcpSendLossProbe(sk: TcpSock): void {
  const { snd, tcp, loss } = sk;
  if (loss.tlpHighSeq === 0 && sendProbe(sk)) {
    loss.tlpHighSeq = snd.nxt;
    tcp.mib.ext[TcpExt.TCPLossProbes]++;
    sk.pendingTimer = ICSK_TIME_NONE; // the time-out counts from now
  }
  tcpRearmRto(sk);
}

function sendProbe(sk: TcpSock): boolean {
  const { snd, loss } = sk;
  const mss = tcpCurrentMss(sk);
  loss.tlpRetrans = false;
  const fresh = sk.writeQueue.first;
  if (fresh !== null && tcpSndWndTest(sk, fresh, mss)) {
    const before = snd.packetsOut;
    tcpWriteXmit(sk, mss, TCP_NAGLE_OFF, PUSH_PROBE);
    return snd.packetsOut > before;
  }
  let last = sk.rtxQueue.last;
  if (last === null || skbStillInHostQueue(sk, last)) return false;
  const rest = (last.cb[PCOUNT] - 1) * mss;
  if (rest > 0 && last.len > rest) {
    if (tcpFragment(sk, sk.rtxQueue, last, rest, mss) !== 0) return false;
    last = last.next!;
  }
  if (__tcpRetransmitSkb(sk, last, 1) !== 0) return false;
  loss.tlpRetrans = true;
  return true;
}

/** What was taken for reordering did not come: it is lost. @kernel net/ipv4/tcp_recovery.c tcp_rack_reo_timeout() @rfc 8985 6.3 */
export function tcpRackReoTimeout(sk: TcpSock): void {
  const { cc, loss } = sk;
  const inFlight = tcpPacketsInFlight(sk);
  const { lost } = loss;
  tcpRackDetectLoss(sk);
  if (inFlight !== tcpPacketsInFlight(sk)) {
    if (cc.state !== TCP_CA_Recovery) {
      tcpEnterRecovery(sk, false);
      tcpCwndReduction(sk, 1, loss.lost - lost, false);
    }
    tcpXmitRetransmitQueue(sk);
  }
  if (sk.pendingTimer !== ICSK_TIME_RETRANS) tcpRearmRto(sk);
}
