import { tcp as th, type SkBuff } from '@stack/skb';
import { TCP_SYN_RECV } from '@stack/sock';
import { tcpRcvStateProcess } from '../input/rcv-state-process.ts';
import { tcpV4SendReset } from '../reply/send-reset.ts';
import type { TcpSock } from '../sock.ts';

/** A new connection gets the segment that made it; then the listener's user is told. Owns the skb. @kernel net/ipv4/tcp_minisocks.c tcp_child_process() */
export function tcpChildProcess(listener: TcpSock, child: TcpSock, skb: SkBuff): void {
  const segments = Math.max(1, skb.shinfo.gsoSegs);
  child.rcv.segsIn += segments;
  if (skb.len > th.headerLength(skb)) child.rcv.dataSegsIn += segments;
  const reason = tcpRcvStateProcess(child, skb);
  if (reason !== 0) {
    tcpV4SendReset(child.tcp, child, skb);
    skb.drop(reason);
  }
  if (child.state !== TCP_SYN_RECV) listener.dataReady();
}
