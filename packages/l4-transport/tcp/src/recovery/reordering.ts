import { tcpHighestSackSeq } from '../flight.ts';
import { TcpExt } from '../mib.ts';
import { before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';

/** Data below what was SACKed came late, not lost. @kernel net/ipv4/tcp_input.c tcp_check_sack_reordering() */
export function tcpCheckSackReordering(sk: TcpSock, low: number, byTimestamp: boolean): void {
  const { cc, snd, tcp, loss } = sk;
  const fack = tcpHighestSackSeq(sk);
  if (!before(low, fack)) return;
  const metric = (fack - low) | 0;
  if (metric > cc.reordering * snd.mss)
    cc.reordering = Math.min(Math.ceil(metric / snd.mss), tcp.sysctl.tcp_max_reordering);
  loss.reordSeen++;
  tcp.mib.ext[byTimestamp ? TcpExt.TCPTSReorder : TcpExt.TCPSACKReorder]++;
}
