import { PCOUNT, SACKED, TCPCB_LOST, tcpSkbMss } from '../cb.ts';
import { TCP_CA_Recovery } from '../constants.ts';
import { TcpExt } from '../mib.ts';
import { tcpFragment } from '../output/fragment.ts';
import type { TcpSock } from '../sock.ts';
import { tcpMarkSkbLost } from './mark-lost.ts';

/** Without SACK, each duplicate ACK stands for a segment that arrived somewhere. @kernel net/ipv4/tcp_input.c tcp_limit_reno_sacked() */
function tcpLimitRenoSacked(sk: TcpSock): boolean {
  const { snd, loss } = sk;
  const holes = Math.min(Math.max(loss.lostOut, 1), snd.packetsOut);
  if (loss.sackedOut + holes <= snd.packetsOut) return false;
  loss.sackedOut = snd.packetsOut - holes;
  return true;
}

/** More duplicates than segments: reordering, or duplication by the network. @kernel net/ipv4/tcp_input.c tcp_check_reno_reordering() */
function tcpCheckRenoReordering(sk: TcpSock, more: number): void {
  if (!tcpLimitRenoSacked(sk)) return;
  sk.cc.reordering = Math.min(sk.snd.packetsOut + more, sk.tcp.sysctl.tcp_max_reordering);
  sk.loss.reordSeen++;
  sk.tcp.mib.ext[TcpExt.TCPRenoReorder]++;
}

/** @kernel net/ipv4/tcp_input.c tcp_add_reno_sack() */
export function tcpAddRenoSack(sk: TcpSock, duplicates: number): void {
  const { cc, loss } = sk;
  if (duplicates === 0) return;
  const before = loss.sackedOut;
  loss.sackedOut += duplicates;
  tcpCheckRenoReordering(sk, 0);
  cc.delivered += Math.max(loss.sackedOut - before, 0);
}

/** One segment of an ACK filled the hole, the others were counted by duplicates. @kernel net/ipv4/tcp_input.c tcp_remove_reno_sacks() */
export function tcpRemoveRenoSacks(sk: TcpSock, acked: number): void {
  const { cc, loss } = sk;
  if (acked > 0) {
    cc.delivered += Math.max(acked - loss.sackedOut, 1);
    loss.sackedOut = Math.max(loss.sackedOut - (acked - 1), 0);
  }
  tcpCheckRenoReordering(sk, acked);
}

/** @kernel net/ipv4/tcp_input.c tcp_reset_reno_sack() */
export function tcpResetRenoSack(sk: TcpSock): void {
  sk.loss.sackedOut = 0;
}

/** The third duplicate, and each partial ACK, mark the first segment. @kernel net/ipv4/tcp_recovery.c tcp_newreno_mark_lost() @rfc 6582 3.2 */
export function tcpNewrenoMarkLost(sk: TcpSock, advanced: boolean): void {
  const { cc, loss } = sk;
  const fresh = cc.state < TCP_CA_Recovery && loss.sackedOut >= cc.reordering;
  if (!fresh && !(cc.state === TCP_CA_Recovery && advanced)) return;
  const head = sk.rtxQueue.first;
  if (head === null || (head.cb[SACKED] & TCPCB_LOST) !== 0) return;
  const mss = tcpSkbMss(head); // as it was counted: the connection's may have changed
  if (head.cb[PCOUNT] > 1 && head.len > mss) tcpFragment(sk, sk.rtxQueue, head, mss, mss);
  tcpMarkSkbLost(sk, head);
}
