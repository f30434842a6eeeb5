import { SACKED, SEQ, TCPCB_LOST, TCPCB_RETRANS, TCPCB_SACKED_ACKED, TCPCB_SACKED_RETRANS, TX_US } from '../cb.ts';
import { tcpHighestSackSeq } from '../flight.ts';
import { FLAG_DATA_SACKED, FLAG_ORIG_SACK_ACKED } from '../input/flags.ts';
import { after, before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { tcpRackAdvance } from './rack.ts';
import type { SacktagState } from './sacktag-state.ts';

/**
 * A block covers the first `bytes` of a buffer, `count` segments that end at `end`. Returns the marks (TCPCB_*) that
 * they have from now on.
 *
 * @kernel net/ipv4/tcp_input.c tcp_sacktag_one()
 */
export function tcpSacktagOne(
  sk: TcpSock,
  state: SacktagState,
  cb: Int32Array,
  end: number,
  bytes: number,
  count: number,
  dup: boolean,
): number {
  const { cc, loss } = sk;
  let sacked = cb[SACKED];
  if (dup && (sacked & TCPCB_RETRANS) !== 0) {
    if (loss.undoMarker !== 0 && loss.undoRetrans > 0 && after(end, loss.undoMarker))
      loss.undoRetrans = Math.max(0, loss.undoRetrans - count);
    if ((sacked & TCPCB_SACKED_ACKED) !== 0 && before(cb[SEQ], state.reord)) state.reord = cb[SEQ];
  }
  if (!after(end, sk.snd.una)) return sacked;
  if ((sacked & TCPCB_SACKED_ACKED) === 0) {
    tcpRackAdvance(sk, sacked, end, cb[TX_US]);
    if ((sacked & TCPCB_SACKED_RETRANS) !== 0) {
      // Not marked lost: believe that the retransmission is still under way.
      if ((sacked & TCPCB_LOST) !== 0) {
        sacked &= ~(TCPCB_LOST | TCPCB_SACKED_RETRANS);
        loss.lostOut -= count;
        loss.retransOut -= count;
      }
    } else {
      if ((sacked & TCPCB_RETRANS) === 0) noteOriginal(sk, state, cb, end);
      if ((sacked & TCPCB_LOST) !== 0) {
        sacked &= ~TCPCB_LOST;
        loss.lostOut -= count;
      }
    }
    sacked |= TCPCB_SACKED_ACKED;
    state.flag |= FLAG_DATA_SACKED;
    loss.sackedOut += count;
    cc.delivered += count;
    state.deliveredBytes += bytes;
  }
  if (dup && (sacked & TCPCB_SACKED_RETRANS) !== 0) {
    sacked &= ~TCPCB_SACKED_RETRANS;
    loss.retransOut -= count;
  }
  return sacked;
}

/** Never retransmitted and now SACKed: a sample of the round trip, and reordering if it lies below others. */
function noteOriginal(sk: TcpSock, state: SacktagState, cb: Int32Array, end: number): void {
  if (before(cb[SEQ], tcpHighestSackSeq(sk)) && before(cb[SEQ], state.reord)) state.reord = cb[SEQ];
  if (!after(end, sk.loss.highSeq)) state.flag |= FLAG_ORIG_SACK_ACKED;
  if (!state.hasFirst) {
    state.hasFirst = true;
    state.firstUs = cb[TX_US];
  }
  state.lastUs = cb[TX_US];
}
