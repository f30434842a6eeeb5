import type { SkBuff } from '@stack/skb';
import {
  PCOUNT,
  SACKED,
  SEQ,
  TCPCB_EVER_RETRANS,
  TCPCB_LOST,
  TCPCB_SACKED_ACKED,
  TCPCB_SACKED_RETRANS,
} from '../cb.ts';
import { TcpExt } from '../mib.ts';
import { before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';

/** @kernel net/ipv4/tcp_input.c tcp_verify_retransmit_hint() */
function tcpVerifyRetransmitHint(sk: TcpSock, skb: SkBuff): void {
  const hint = sk.loss.retransmitHint;
  if (hint === null) {
    if (sk.loss.retransOut >= sk.loss.lostOut) sk.loss.retransmitHint = skb;
  } else if (before(skb.cb[SEQ], hint.cb[SEQ])) {
    sk.loss.retransmitHint = skb;
  }
}

/** Marks a buffer in flight as lost; one whose retransmission was lost too is to be sent once more. @kernel net/ipv4/tcp_input.c tcp_mark_skb_lost() */
export function tcpMarkSkbLost(sk: TcpSock, skb: SkBuff): void {
  const { loss } = sk;
  const { cb } = skb;
  const sacked = cb[SACKED];
  if ((sacked & TCPCB_SACKED_ACKED) !== 0) return;
  tcpVerifyRetransmitHint(sk, skb);
  const again = (sacked & TCPCB_SACKED_RETRANS) !== 0;
  if (again) {
    // Also one that counts as lost no longer, because that was taken back.
    cb[SACKED] &= ~TCPCB_SACKED_RETRANS;
    loss.retransOut -= cb[PCOUNT];
    sk.tcp.mib.ext[TcpExt.TCPLostRetransmit] += cb[PCOUNT];
  }
  if ((sacked & TCPCB_LOST) === 0) {
    loss.lostOut += cb[PCOUNT];
    cb[SACKED] |= TCPCB_LOST;
  } else if (!again) {
    return;
  }
  loss.lost += cb[PCOUNT];
}

/** Whether anything is in flight that was sent more than once. @kernel net/ipv4/tcp_input.c tcp_any_retrans_done() */
export function tcpAnyRetransDone(sk: TcpSock): boolean {
  if (sk.loss.retransOut > 0) return true;
  const head = sk.rtxQueue.first;
  return head !== null && (head.cb[SACKED] & TCPCB_EVER_RETRANS) !== 0;
}

/** @kernel net/ipv4/tcp_input.c tcp_retrans_stamp_cleanup() */
export function tcpRetransStampCleanup(sk: TcpSock): void {
  if (!tcpAnyRetransDone(sk)) sk.loss.retransPending = false;
}
