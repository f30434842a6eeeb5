import { tcp as th, type SkBuff } from '@stack/skb';
import { END_SEQ, FLAGS, PCOUNT, SACKED, TCPCB_EVER_RETRANS, TCPCB_SACKED_ACKED } from '../cb.ts';
import { tcpAdjustPcount, tcpRtxQueueUnlinkAndFree } from '../flight.ts';
import { tcpSkbShift } from '../recovery/shift.ts';
import { after } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { tcpWndEnd } from '../win.ts';
import { tcpSkbCanCollapse, tcpTakeOver } from './collapse.ts';

/**
 * Joins the buffers that follow to one that is sent again, as long as they make one segment of at most `room` bytes:
 * what was many small packets is repaired by one.
 *
 * @kernel net/ipv4/tcp_output.c tcp_retrans_try_collapse()
 */
export function tcpRetransTryCollapse(sk: TcpSock, to: SkBuff, room: number): void {
  if (!sk.tcp.sysctl.tcp_retrans_collapse || (to.cb[FLAGS] & th.SYN) !== 0 || !tcpCanCollapse(to)) return;
  let space = room - to.len;
  for (let skb = to.next; skb !== null && tcpCanCollapse(skb) && tcpSkbCanCollapse(to, skb); skb = to.next) {
    space -= skb.len;
    if (space < 0 || after(skb.cb[END_SEQ], tcpWndEnd(sk))) return;
    if (!tcpCollapseRetrans(sk, to, skb)) return;
  }
}

/** @kernel net/ipv4/tcp_output.c tcp_can_collapse() */
function tcpCanCollapse(skb: SkBuff): boolean {
  return skb.cb[PCOUNT] === 1 && !skb.isCloned && (skb.cb[SACKED] & TCPCB_SACKED_ACKED) === 0;
}

/** @kernel net/ipv4/tcp_output.c tcp_collapse_retrans() */
function tcpCollapseRetrans(sk: TcpSock, to: SkBuff, skb: SkBuff): boolean {
  if (skb.len > 0 && !tcpSkbShift(to, skb, 1, skb.len)) return false;
  tcpTakeOver(to, skb);
  to.cb[SACKED] |= skb.cb[SACKED] & TCPCB_EVER_RETRANS;
  if (sk.loss.retransmitHint === skb) sk.loss.retransmitHint = to;
  tcpAdjustPcount(sk, skb, skb.cb[PCOUNT]);
  tcpRtxQueueUnlinkAndFree(sk, skb);
  return true;
}
